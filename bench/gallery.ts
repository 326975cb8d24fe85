import { readFileSync } from "node:fs";
import path from "node:path";
import { selectStacks } from "../src/terraform/stack-selection";
import { synthesize } from "../src/terraform/synth";
import { galleryProject, secrets } from "../test/support/both-ways";
import { makeFolder } from "../test/support/project";
import type { JsonObject } from "../test/support/replay-format";

export interface Gallery {
  readonly configuration: JsonObject;
  /** The folder of the synthesized stack, including the files that it uploads. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Synthesizes the gallery stack, which uses all constructs. Its backend is removed, so Terraform
 * stores the state in the working directory.
 */
export async function synthesizeGallery(): Promise<Gallery> {
  const project = galleryProject();
  await synthesize(project, { PATH: process.env.PATH, HOME: makeFolder("home") });
  const [stack] = selectStacks(project, ["gallery-local"]);
  if (stack === undefined) throw new Error("the app has no stack gallery-local");
  const json = JSON.parse(readFileSync(path.join(stack.directory, "cdk.tf.json"), "utf8")) as {
    terraform: { backend?: unknown };
  };
  delete json.terraform.backend;
  return {
    configuration: json as unknown as JsonObject,
    folder: stack.directory,
    variables: Object.fromEntries(
      Object.entries(stack.metadata.variables).map(([name, { environment }]) => [
        `TF_VAR_${name}`,
        secrets[environment as keyof typeof secrets],
      ]),
    ),
  };
}
