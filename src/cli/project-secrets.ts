/** Finds the values of all secrets in a project's stacks, which every command masks. */
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";
import { Mask } from "../mask";
import { projectHere, type Project } from "../terraform/project";

export class ProjectSecrets {
  readonly #addedValues = new Set<string>();
  #stackValues: readonly string[] | undefined;

  constructor(
    private readonly cwd: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  add(value: string): void {
    if (value !== "") this.#addedValues.add(value);
  }

  /** Returns the values. The first call reads the synth output of all stacks, which takes time. */
  values(): readonly string[] {
    // Reading once is enough: after a later synth, a command adds the secrets of the stacks it uses.
    this.#stackValues ??= secretsOfStacks(this.cwd, this.env);
    return [...new Set([...this.#addedValues, ...this.#stackValues])];
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
