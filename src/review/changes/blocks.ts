import { withoutKeys } from "../../terraform/references";
import { defined } from "../../defined";
import { marker, type BlockChange, type Json, type ResourceChange } from "../model";
import type { StackBlock } from "../plan/blocks";
import { canonical, isList, isObject, list, object, text } from "../plan/json";
import { expressionIn } from "../plan/stack";
import { diffFields } from "./diff";

/** Kinds of blocks that may have credentials among their arguments. */
const kindsWithCredentials = new Set([
  "provider",
  "backend",
  "connection",
  "provisioner",
  "data",
  "terraform",
]);
const credential =
  /(^|_)(token|password|passwd|secret|secret_key|secret_access_key|client_secret|access_key|private_key|sas_token|conn_str|certificate)$/i;

/** Returns the content of a block, with arguments that are named like credentials masked. */
export function blockMeaning({ kind, value }: StackBlock): Json {
  const maskCredentials = (inner: unknown, key: string): unknown => {
    if (
      kindsWithCredentials.has(kind) &&
      credential.test(key) &&
      typeof inner === "string" &&
      inner !== ""
    ) {
      const from = expressionIn(inner);
      return { $lakeform: "sensitive", ...defined({ from }) };
    }
    if (isList(inner)) return inner.map((element) => maskCredentials(element, key));
    return isObject(inner)
      ? Object.fromEntries(
          Object.entries(inner).map(([name, item]) => [name, maskCredentials(item, name)]),
        )
      : inner;
  };
  return maskCredentials(value, "") as Json;
}

/**
 * Kinds of blocks that every stack of lakeform has. They are not reported if there is no previous
 * version to compare with.
 */
const hiddenAtFirst = new Set(["lakeform", "variable"]);

export interface BlockSources {
  /** The blocks of the stack. */
  readonly current: readonly StackBlock[];
  /** Blocks of the last deployed stack; absent if that is unknown. */
  readonly previous?: readonly StackBlock[];
  /**
   * Blocks outside the stack's JSON: in modules, values of variables, other files. They are not
   * compared, and are listed only if they have an effect.
   */
  readonly outsideBlocks: readonly StackBlock[];
  readonly changes: readonly ResourceChange[];
  /** The `checks` of the plan. */
  readonly checks: unknown;
}

/**
 * Finds the blocks that differ from the last deployed ones, and unchanged blocks that have an
 * effect in this deploy.
 */
export function findBlockChanges({
  current,
  previous,
  outsideBlocks,
  changes,
  checks,
}: BlockSources): BlockChange[] {
  const previousBlocks = new Map((previous ?? []).map((block) => [block.name, block]));
  const currentNames = new Set(current.map(({ name }) => name));
  const effectOf = effectLookup(changes, checks);
  const outside = new Set(outsideBlocks);
  const presentBlocks = [...current, ...outsideBlocks].flatMap((block): BlockChange[] => {
    const before = outside.has(block) ? block : previousBlocks.get(block.name);
    const [meaningBefore, meaningAfter] = [
      before === undefined ? undefined : blockMeaning(before),
      blockMeaning(block),
    ];
    const effect = effectOf(block);
    const state =
      before === undefined
        ? "new"
        : canonical(meaningBefore) === canonical(meaningAfter)
          ? "same"
          : "changed";
    if (
      effect === undefined &&
      (state === "same" ||
        (state === "new" &&
          (block.kind === "depends_on" ||
            (previous === undefined && hiddenAtFirst.has(block.kind)))))
    )
      return [];
    return [
      {
        ...identityOf(block),
        state,
        ...defined({ effect }),
        fields: fieldsOf(state === "same" ? undefined : meaningBefore, meaningAfter),
      },
    ];
  });
  const removed = [...previousBlocks.values()]
    .filter(({ name }) => !currentNames.has(name))
    .map((block): BlockChange => ({
      ...identityOf(block),
      state: "removed",
      fields: fieldsOf(blockMeaning(block), undefined),
    }));
  return [...presentBlocks, ...removed].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const identityOf = ({
  kind,
  name,
  path,
}: StackBlock): Pick<BlockChange, "kind" | "name" | "path"> => ({
  kind,
  name,
  path,
});

/**
 * Compares lists by position, never by a guessed key: the order of provisioner arguments and
 * assertions is significant.
 */
function fieldsOf(before: Json | undefined, after: Json | undefined): BlockChange["fields"] {
  const asObject = (value: Json | undefined): unknown =>
    value === undefined || isObject(value) ? value : { value };
  return diffFields(asObject(before), asObject(after), { rules: {} });
}

/** Returns a function that describes the effect of a block in this deploy, if it has one. */
function effectLookup(
  changes: readonly ResourceChange[],
  checks: unknown,
): (block: StackBlock) => string | undefined {
  // Instances of `count` and `for_each`, here and in modules, share a block.
  const actions = new Map<string, Set<ResourceChange["action"]>>();
  for (const { address, action } of changes)
    actions.set(withoutKeys(address), (actions.get(withoutKeys(address)) ?? new Set()).add(action));
  const problems = failedChecks(checks);
  return ({ kind, name, address, value }) => {
    if (kind === "provisioner" && address !== undefined) {
      const actionsOfResource = actions.get(address) ?? new Set();
      if (object(value).when === "destroy")
        return actionsOfResource.has("delete") || actionsOfResource.has("replace")
          ? "runs when the object is destroyed"
          : undefined;
      return actionsOfResource.has("create") || actionsOfResource.has("replace")
        ? "runs when the object is created"
        : undefined;
    }
    if (kind === "data" && /(^|\.)data\.external\./.test(name))
      return "runs a program at each plan and apply";
    if (kind === "data" && /(^|\.)data\.http\./.test(name))
      return "sends a request at each plan and apply";
    if (kind === "check") return problems.get(name);
    if (kind === "file") return "read by Terraform, but not part of the synth output";
    if (kind === "value") return "is set where Terraform runs";
    return undefined;
  };
}

function failedChecks(checks: unknown): Map<string, string> {
  return new Map(
    list(checks).flatMap((entry): [string, string][] => {
      const { address, status, instances } = object(entry);
      if (status !== "fail" && status !== "error") return [];
      const messages = list(instances).flatMap((instance) =>
        list(object(instance).problems).map((problem) => text(object(problem).message) ?? ""),
      );
      return [
        [
          text(object(address).to_display) ?? "",
          `fails${messages.length === 0 ? "" : `: ${messages.join("; ")}`}`,
        ],
      ];
    }),
  );
}

/** Describes the differences in one line: `command = "echo ok"`. */
export function describeFields(fields: BlockChange["fields"]): string {
  const value = (side: Json | undefined): string => {
    const mark = marker(side);
    return mark === undefined
      ? JSON.stringify(side ?? null)
      : `(${mark.$lakeform}${mark.from === undefined ? "" : `: ${mark.from}`})`;
  };
  return fields
    .map(({ path, kind, before, after }) =>
      kind === "added"
        ? `${path} = ${value(after)}`
        : kind === "removed"
          ? `${path} removed`
          : `${path} ${value(before)} -> ${value(after)}`,
    )
    .join(", ");
}
