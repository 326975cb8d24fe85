/**
 * Plans a stack whose references to other stacks are unknown until apply, or no longer readable
 * from a state.
 */
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { isRunning } from "../processes";
import { atInterrupt } from "../interrupt";
import { referencesOf, remoteStateName, replaceReferences } from "./references";
import type { StackJson, SynthesizedStack } from "./stack";

/** The known outputs of one stack; outputs not in the map are known only after its apply. */
export type KnownOutputs = ReadonlyMap<string, unknown>;

/** Known outputs by the name of the used stack. Stacks not in the map keep their data source. */
export type UpstreamOutputs = ReadonlyMap<string, KnownOutputs>;

/**
 * An expression of any type that is unknown until apply: `timestamp()` is unknown, and `jsondecode`
 * does not fix a type.
 */
const unknownValue = "${jsondecode(timestamp())}";

/**
 * Returns the configuration with the data sources of used stacks replaced by their known outputs.
 */
export function withOutputs(json: StackJson, upstream: UpstreamOutputs): StackJson {
  const names = [...upstream.keys()];
  const localName = (stack: string): string => `lakeform_upstream_${names.indexOf(stack)}`;
  const locals: Record<string, Record<string, unknown>> = {};
  for (const name of names) locals[localName(name)] = {};
  for (const { stack, output } of referencesOf(json)) {
    const knownOutputs = upstream.get(stack);
    const values = knownOutputs === undefined ? undefined : locals[localName(stack)];
    if (knownOutputs === undefined || values === undefined) continue;
    values[output] = knownOutputs.has(output) ? literal(knownOutputs.get(output)) : unknownValue;
  }
  const withLocals = replaceReferences(json, ({ stack, output }) =>
    upstream.has(stack) ? `local.${localName(stack)}[${JSON.stringify(output)}]` : undefined,
  );
  const replacedNames = new Set(names.map(remoteStateName));
  const states = Object.entries(withLocals.data?.terraform_remote_state ?? {}).filter(
    ([name]) => !replacedNames.has(name),
  );
  const { data: allData = {}, ...rest } = withLocals;
  const { terraform_remote_state: _replaced, ...otherData } = allData;
  const data = {
    ...otherData,
    ...(states.length > 0 && { terraform_remote_state: Object.fromEntries(states) }),
  };
  return {
    ...rest,
    // Terraform rejects an empty section.
    ...(Object.keys(data).length > 0 && { data }),
    locals: { ...(rest.locals as object | undefined), ...locals },
  };
}

/** Escapes `${` and `%{`, because Terraform evaluates templates in every JSON string. */
function literal(value: unknown): unknown {
  if (typeof value === "string")
    return value.replaceAll(/[$%]\{/g, (match) => `${match.charAt(0)}${match}`);
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, literal(item)]));
  return value;
}

/**
 * Runs `work` in a copy of the stack's folder with another configuration, at the same depth in the
 * synth output, so that relative paths resolve the same way. The copy can contain outputs of other
 * stacks in clear text: it has mode 0700, and is removed after `work`, after Ctrl-C, or at the next
 * plan if the process was killed.
 */
export async function inFolderWith<T>(
  stack: SynthesizedStack,
  configuration: StackJson,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const plans = path.join(path.dirname(path.dirname(path.resolve(stack.directory))), "plans");
  removeOrphanedFolders(plans);
  const directory = path.join(
    plans,
    `${path.basename(stack.directory)}.${process.pid}.${randomBytes(4).toString("hex")}`,
  );
  const remove = (): void => fs.rmSync(directory, { recursive: true, force: true });
  const removeInterruptHandler = atInterrupt(remove);
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const entry of fs.readdirSync(stack.directory)) {
      if (entry === "cdk.tf.json" || /^\.lakeform-.*\.tfplan/.test(entry)) continue;
      fs.symlinkSync(path.join(path.resolve(stack.directory), entry), path.join(directory, entry));
    }
    fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(configuration), {
      mode: 0o600,
    });
    return await work(directory);
  } finally {
    removeInterruptHandler();
    remove();
  }
}

/** Removes folders of killed processes. */
function removeOrphanedFolders(plans: string): void {
  if (!fs.existsSync(plans)) return;
  for (const name of fs.readdirSync(plans)) {
    const pid = /\.(\d+)\.[0-9a-f]{8}$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning({ pid: Number(pid) }))
      fs.rmSync(path.join(plans, name), { recursive: true, force: true });
  }
}
