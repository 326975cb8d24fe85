/** Finds the values of all secrets in a project's stacks, which every command masks. */
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { Mask } from "../mask";
import { projectHere, type Project } from "../terraform/project";

export class ProjectSecrets {
  readonly #addedValues = new Set<string>();
  #stacks: readonly string[] | undefined;

  constructor(
    private readonly cwd: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  add(value: string): void {
    if (value !== "") this.#addedValues.add(value);
  }

  /** Called only when needed: reading the synth output of all stacks takes time. */
  values(): readonly string[] {
    // Reading once is enough, because a synth adds the secrets of new stacks.
    this.#stacks ??= secretsOfStacks(this.cwd, this.env);
    return [...new Set([...this.#addedValues, ...this.#stacks])];
  }

  mask(): Mask {
    return new Mask(this.values());
  }
}

/** Ignores an unreadable cdktf.json, which the command itself reports. */
function usableProject(cwd: string): Project | undefined {
  try {
    return projectHere(cwd);
  } catch (error) {
    if (error instanceof LakeformError) return undefined;
    throw error;
  }
}

/**
 * Returns the values of the environment variables that the stacks in the synth output use for
 * sensitive variables.
 */
function secretsOfStacks(cwd: string, env: NodeJS.ProcessEnv): readonly string[] {
  const project = usableProject(cwd);
  const folder = project === undefined ? undefined : path.join(project.outdir, "stacks");
  if (folder === undefined || !fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name, "cdk.tf.json");
    if (!fs.existsSync(file)) return [];
    const text = fs.readFileSync(file, "utf8");
    // Matches the text instead of parsing it, so that a broken stack does not hide the secrets of
    // other stacks.
    return [...text.matchAll(/"environment":\s*"([A-Za-z_][A-Za-z0-9_]*)"/g)].flatMap(
      ([, variable = ""]) => {
        const value = env[variable];
        return value === undefined || value === "" ? [] : [value];
      },
    );
  });
}
