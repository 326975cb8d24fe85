/**
 * This folder finds objects in the workspace that the stack may have created and that are in no
 * state. `scripts/import-order.cjs` lists what it may import.
 */
import { defined } from "../../defined";
import { traitsOf } from "../../resources";
import type { Attributes, KindReader, Remote } from "../../resources/kind";
import { messageOf } from "../remote/shared-reads";
import { displayName } from "../compare/check";
import { asList } from "../fields/equal";
import type { Expected } from "../desired/expected";
import type { IgnoreRules } from "../compare/ignore";
import type { VerifyTarget } from "../target";
import type { ReadFailure, UnmanagedObject } from "../model";
import { ownedKey, ownedKeyOf, type Owned } from "../deployed/ownership";
import { Quote } from "../redactor";
import type { DesiredObject } from "../expressions/values";
import { isDesiredObject, shallow } from "../expressions/values";

export interface UnmanagedContext {
  readonly host: string;
  readonly rules: IgnoreRules;
  readonly owned: Owned;
  readonly targets: readonly VerifyTarget[];
  readonly scope: "ours" | "all";
}

/** Collects unmanaged objects. */
export class UnmanagedFinder {
  readonly failures: ReadFailure[] = [];
  readonly #names: ReadonlyMap<string, Expected>;
  readonly #stamps: ReadonlyMap<string, VerifyTarget>;
  readonly #unmanagedByKey = new Map<
    string,
    { readonly object: UnmanagedObject; readonly remote: Remote }
  >();

  constructor(
    private readonly context: UnmanagedContext,
    expected: readonly Expected[],
  ) {
    const names = new Map<string, Expected>();
    for (const resource of expected) {
      const key =
        traitsOf(resource.type).comparedInList === true
          ? resource.reader?.identity.naturalKey(shallow(resource.state, resource.desired))
          : undefined;
      if (key !== undefined) names.set(ownedKey(resource.type, key), resource);
    }
    this.#names = names;
    this.#stamps = new Map(
      context.targets.flatMap((target) =>
        target.metadata === undefined ? [] : [[target.metadata.stamp, target] as const],
      ),
    );
  }

  /**
   * Checks a listed object that is in no state. It is unmanaged if it has the stamp of a stack, or
   * the name of a resource and no stamp. With the scope `all`, any such object is unmanaged.
   */
  checkListed(reader: KindReader, remote: Remote): void {
    if (remote.builtIn === true || this.context.owned.hasRemote(reader.type, remote)) return;
    const stamp = stampOf(remote.attributes);
    const stampedTarget = stamp === undefined ? undefined : this.#stamps.get(stamp);
    const key = reader.identity.naturalKey(remote.attributes);
    const namesake = key === undefined ? undefined : this.#names.get(ownedKey(reader.type, key));
    if (stampedTarget !== undefined)
      this.report(
        stampedTarget,
        reader,
        remote,
        `has the stamp ${stamp ?? ""} and is not in any state`,
      );
    else if (namesake !== undefined && namesake.id !== remote.id && stamp === undefined) {
      const namesakeNote =
        namesake.id === undefined ? "which is not deployed yet" : `which has the id ${namesake.id}`;
      this.report(
        namesake.target,
        reader,
        remote,
        `has the name of ${namesake.path}, ${namesakeNote}, and is not in any state`,
      );
    } else if (this.context.scope === "all")
      this.report(undefined, reader, remote, "not in any state of the verified stacks");
  }

  report(
    target: VerifyTarget | undefined,
    reader: KindReader,
    remote: Remote,
    reason: string,
  ): void {
    const key = ownedKeyOf(reader.type, remote.id, remote.attributes);
    if (this.#unmanagedByKey.has(key)) return;
    const name = displayName(reader.identity.naturalKey(remote.attributes) ?? `id:${remote.id}`);
    const link = reader.identity.link?.(this.context.host, remote.id, remote.attributes);
    const object: UnmanagedObject = {
      status: "unmanaged",
      stack: target?.name ?? "",
      kind: reader.type,
      title: reader.title,
      name,
      id: remote.id,
      ...defined({ link }),
      reason,
      removal: reader.removal(remote),
    };
    this.#unmanagedByKey.set(key, {
      object,
      remote: { id: remote.id, attributes: containerAttributes(reader, remote) },
    });
  }

  /**
   * Returns the collected objects that neither belong to another stack nor are imported by the next
   * deploy. Those that match an ignore rule have the status `ignored`.
   */
  async unclaimedObjects(): Promise<readonly UnmanagedObject[]> {
    if (this.#unmanagedByKey.size > 0) await this.context.owned.addOtherStacks();
    const imported = new Set(this.context.targets.flatMap(importedObjects));
    return [...this.#unmanagedByKey.values()].flatMap(({ object, remote }) => {
      if (this.context.owned.hasRemote(object.kind, remote)) return [];
      if (imported.has(`${object.kind} ${object.id}`)) return [];
      const rule = this.context.rules.find({ path: object.name, kind: object.kind, fields: [] });
      return [rule === undefined ? object : { ...object, status: "ignored" as const, rule }];
    });
  }

  fail(target: VerifyTarget | undefined, subject: string, error: unknown): void {
    this.failures.push({
      stack: target?.name ?? "",
      what: subject,
      reason: [new Quote(messageOf(error))],
    });
  }
}

/** Returns the objects that the next deploy imports. They must not be reported for removal. */
function importedObjects({ desired }: VerifyTarget): string[] {
  if (!("stack" in desired)) return [];
  const { import: blocks } = desired.stack;
  return (Array.isArray(blocks) ? (blocks as readonly { to?: unknown; id?: unknown }[]) : []).map(
    ({ to, id }) => `${String(to).split(".")[0] ?? ""} ${String(id)}`,
  );
}

/** Returns the attribute that distinguishes the object from others with the same id. */
function containerAttributes({ traits }: KindReader, { attributes }: Remote): Attributes {
  return traits?.idContainer === undefined
    ? {}
    : { [traits.idContainer]: attributes[traits.idContainer] ?? null };
}

/** Returns the value of the tag `lakeform`, which is in different fields depending on the kind. */
export function stampOf(attributes: DesiredObject): string | undefined {
  for (const field of ["tags", "custom_tags"]) {
    for (const tags of asList(attributes[field])) {
      if (!isDesiredObject(tags)) continue;
      if (typeof tags.lakeform === "string") return tags.lakeform;
      for (const pair of asList(tags.custom_tags))
        if (isDesiredObject(pair) && pair.key === "lakeform" && typeof pair.value === "string")
          return pair.value;
    }
  }
  return undefined;
}
