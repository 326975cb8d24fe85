/** Finds the objects that the project already has: in its import blocks and in its states. */
import fs from "node:fs";
import path from "node:path";
import { stateId } from "../resources";
import type { Attributes } from "../resources/kind";
import { isAttributes } from "../resources/shape/shape";
import type { SynthesizedStack } from "../terraform/stack";
import type { State } from "../terraform/state-format";
import { object, optionalText } from "../resources/shape/json";
import type { FoundJob, Known } from "./model";

export interface KnownStack {
  readonly stack: SynthesizedStack;
  readonly state: State | undefined;
}

/**
 * Finds the objects in the import blocks and states of the stacks, and the names in the stack to
 * extend.
 * @param stackName the name of the stack to extend, which may not exist yet
 * @param folder the absolute path of the stack's code
 */
export function findKnownObjects(
  stacks: readonly KnownStack[],
  stackName: string,
  folder: string,
  members: readonly string[],
): Known {
  const owners = new Map<string, string>();
  for (const { stack, state } of stacks) {
    for (const { to, id } of importsOf(stack))
      owners.set(`${to.split(".")[0] ?? ""} ${id}`, stack.name);
    for (const { type, id } of managedObjects(state)) owners.set(`${type} ${id}`, stack.name);
  }
  const paths = Object.values(
    stacks.find(({ stack }) => stack.name === stackName)?.stack.metadata.resources ?? {},
  ).map((origin) => origin.path);
  return {
    owners,
    constructIds: paths.map((id) => id.split("/")[1] ?? ""),
    files: sourceNamesIn(folder),
    members,
  };
}

/** Returns what manages a job of the workspace, according to its tag or its deployment. */
export function managerOf({ raw }: FoundJob): string | undefined {
  const stamp = optionalText(object(raw["tags"])["lakeform"]);
  if (stamp !== undefined) return `the lakeform stack ${stamp} (tag lakeform)`;
  const { kind, metadata_file_path: file } = object(raw["deployment"]);
  if (kind !== "BUNDLE") return undefined;
  return `a Databricks bundle (${optionalText(file) ?? "deployment.kind BUNDLE"})`;
}

/** Returns the import blocks of a synthesized stack. */
function importsOf(stack: SynthesizedStack): { readonly to: string; readonly id: string }[] {
  const blocks = Array.isArray(stack.json["import"]) ? (stack.json["import"] as unknown[]) : [];
  return blocks.flatMap((block) => {
    const { to, id } = (block ?? {}) as { to?: unknown; id?: unknown };
    return typeof to === "string" && typeof id === "string" ? [{ to, id }] : [];
  });
}

/** Returns the objects that a state manages, with their import ids. */
export function managedObjects(
  state: State | undefined,
): { readonly type: string; readonly id: string }[] {
  return (state?.resources ?? []).flatMap(({ mode, type, instances }) =>
    mode !== "managed"
      ? []
      : instances.flatMap(({ attributes }) => {
          const id = isAttributes(attributes as Attributes) ? stateId(type, attributes) : undefined;
          return typeof id === "string" ? [{ type, id }] : [];
        }),
  );
}

/** Returns the names of the TypeScript files in a folder and its subfolders, without extension. */
function sourceNamesIn(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.basename(file, ".ts"));
}
