import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../errors";

export interface Project {
  /** The folder with cdktf.json. */
  readonly root: string;
  /** The shell command that builds the app (`app` of cdktf.json). */
  readonly app: string;
  /** Absolute path of the synth output (`output` of cdktf.json, cdktf.out by default). */
  readonly outdir: string;
  /**
   * The private folder of this checkout: local states, the provider mirror, the local workspace.
   */
  readonly privateFolder: string;
}

/** Finds cdktf.json in `cwd` or its parents. @throws LakeformError NO_PROJECT, BAD_CDKTF_JSON */
export function findProject(cwd: string): Project {
  let root = path.resolve(cwd);
  while (!fs.existsSync(path.join(root, "cdktf.json"))) {
    const parent = path.dirname(root);
    if (parent === root) {
      throw new LakeformError("NO_PROJECT", "no cdktf.json in this folder or its parents", {
        value: cwd,
        fix: "change into your project, or create one with: lakeform init. To verify a plain Terraform folder: lakeform verify --dir FOLDER",
      });
    }
    root = parent;
  }
  return readProject(root);
}

/** Like {@link findProject}, but returns undefined outside a project. */
export function projectHere(cwd: string): Project | undefined {
  try {
    return findProject(cwd);
  } catch (error) {
    if (error instanceof LakeformError && error.code === "NO_PROJECT") return undefined;
    throw error;
  }
}

/**
 * Returns the folder of the local workspace and the embedded provider: the project's private
 * folder, or `.lakeform` in the current folder outside a project.
 */
export function privateFolderOf(cwd: string): string {
  return projectHere(cwd)?.privateFolder ?? path.join(path.resolve(cwd), ".lakeform");
}

function readProject(root: string): Project {
  const file = path.join(root, "cdktf.json");
  try {
    const { app, output } = JSON.parse(fs.readFileSync(file, "utf8")) as {
      app?: unknown;
      output?: unknown;
    };
    if (typeof app !== "string" || app === "")
      throw new Error('set "app" to the command that builds the app');
    const outdir = path.resolve(root, typeof output === "string" ? output : "cdktf.out");
    return { root, app, outdir, privateFolder: path.join(root, ".lakeform") };
  } catch (error) {
    throw new LakeformError("BAD_CDKTF_JSON", "invalid cdktf.json", {
      value: error instanceof Error ? error.message : String(error),
      fix: `correct ${file}`,
      cause: error,
    });
  }
}
