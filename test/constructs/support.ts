import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  buildAndSynth,
  ConstructError,
  ConstructErrors,
  TerraformResource,
  Workflow,
  WorkspaceStack,
  type EnvironmentProfile,
  type StackMetadata,
  type TaskProps,
} from "../../constructs";
import type { IConstruct } from "../../constructs";

export type Json = Record<string, unknown>;

export interface Synthesized {
  readonly json: Json;
  readonly metadata: StackMetadata;
  readonly directory: string;
  /** Returns all resources of a Terraform type, sorted by name. */
  readonly resourcesOf: (type: string) => Json[];
  /** Returns the only resource of a type. */
  readonly resourceOf: (type: string) => Json;
}

/** Folders to remove when the process exits: tests still read them after `synth`. */
const folders: string[] = [];

/** Synthesizes a stack with the constructs that `build` adds, like an app, including the checks. */
export function synth(
  build: (stack: WorkspaceStack) => unknown,
  environment: Partial<EnvironmentProfile> = {},
  name = "test",
): Synthesized {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-constructs-"));
  try {
    buildAndSynth(
      (app) => {
        build(
          new WorkspaceStack(app, name, {
            project: "tests",
            environment: { name: "local", values: {}, ...environment },
          }),
        );
      },
      { outdir: path.join(folder, "out") },
    );
    const directory = path.join(folder, "out", "stacks", `${name}-${environment.name ?? "local"}`);
    const json = JSON.parse(fs.readFileSync(path.join(directory, "cdk.tf.json"), "utf8")) as Json;
    const resourcesOf = (type: string): Json[] =>
      Object.values(
        ((json.resource ?? {}) as Record<string, Record<string, Json>>)[type] ?? {},
      ).map(withoutMetadata);
    return {
      json,
      directory,
      metadata: (json["//"] as { lakeform: StackMetadata }).lakeform,
      resourcesOf,
      resourceOf: (type) => {
        const resources = resourcesOf(type);
        if (resources.length !== 1 || resources[0] === undefined)
          throw new Error(`${resources.length} resources of type ${type}`);
        return resources[0];
      },
    };
  } finally {
    folders.push(folder);
    if (folders.length === 1)
      process.once("exit", () =>
        folders.forEach((folderToRemove) =>
          fs.rmSync(folderToRemove, { recursive: true, force: true }),
        ),
      );
  }
}

function withoutMetadata(resource: Json): Json {
  return Object.fromEntries(Object.entries(resource).filter(([key]) => key !== "//"));
}

/** Returns the codes of all problems for which `build` is rejected. */
export function problems(
  build: (stack: WorkspaceStack) => unknown,
  environment: Partial<EnvironmentProfile> = {},
): ConstructError[] {
  try {
    synth(build, environment);
  } catch (error) {
    if (error instanceof ConstructErrors) return [...error.problems];
    if (error instanceof ConstructError) return [error];
    throw error;
  }
  return [];
}

/** Returns the codes of {@link problems}. */
export function codes(
  build: (stack: WorkspaceStack) => unknown,
  environment: Partial<EnvironmentProfile> = {},
): string[] {
  return problems(build, environment).map((problem) => problem.code);
}

/** Synthesizes a job with one task. @returns the task's block */
export function taskOf(props: TaskProps): Json {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
}

/** Returns the Terraform type of a construct's default child. */
export function defaultChild(construct: IConstruct): string {
  const child = construct.node.defaultChild;
  return TerraformResource.isTerraformResource(child) ? child.terraformResourceType : "none";
}
