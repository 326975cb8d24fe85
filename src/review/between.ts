import { isObject } from "./json";
import type { PlanChange, PlanFacts } from "./plan";
import type { Artifact } from "./secrets/scan";
import { readStack, type StackResource } from "./stack";

/**
 * What differs between two synthesized stacks, in the form of a plan: for a review of two revisions without a workspace or a state. Expressions stay
 * expressions; nothing that a provider would fill in is known.
 * @param before,after undefined: the revision does not have the stack
 */
export function planBetween(
  before: unknown,
  after: unknown,
  contents: { readonly before: ReadonlyMap<string, Artifact>; readonly after: ReadonlyMap<string, Artifact> },
): PlanFacts {
  const old = before === undefined ? new Map<string, StackResource>() : readStack(before).resources;
  const now = after === undefined ? new Map<string, StackResource>() : readStack(after).resources;
  const changes: PlanChange[] = [];
  for (const address of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [a, b] = [old.get(address), now.get(address)];
    const [was, is] = [valuesOf(a, contents.before.get(address)), valuesOf(b, contents.after.get(address))];
    const same = JSON.stringify(was) === JSON.stringify(is);
    changes.push({
      address,
      mode: "managed",
      type: (b ?? a)?.type ?? "",
      name: address.slice(address.indexOf(".") + 1),
      actions: same ? ["no-op"] : was === null ? ["create"] : is === null ? ["delete"] : ["update"],
      ...(is === null ? { reason: "delete_because_no_resource_config" } : {}),
      importing: false,
      before: was,
      after: is,
      afterUnknown: {},
      beforeSensitive: {},
      afterSensitive: {},
      replacePaths: [],
    });
  }
  return { changes, drift: [], outputs: [], secrets: [], errored: false, complete: true };
}

/** Configuration as values: a file's place is not compared, its content is. */
function valuesOf(resource: StackResource | undefined, artifact: Artifact | undefined): Readonly<Record<string, unknown>> | null {
  if (resource === undefined) return null;
  const config = sortKeys(resource.config) as Record<string, unknown>;
  if (artifact === undefined) return config;
  const { source: _source, content_base64: _content, ...rest } = config;
  return { ...rest, md5: artifact.sha256 };
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .filter((key) => key !== "//")
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
