import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { compareVersions } from "../package-versions";
import { LakeformError } from "../errors";

const execute = promisify(execFile);

/**
 * The oldest supported version of Terraform and OpenTofu, which share their version numbers up to
 * 1.5. It has `import` and `moved` blocks, and `-json` plans of format 1.2.
 */
const minimumEngineVersion = "1.5.0";

export interface Engine {
  readonly name: "terraform" | "tofu";
  /** Absolute path of the executable. */
  readonly binary: string;
  readonly version: string;
}

/** Features that need a newer version, each with the first version that supports it. */
const abilities: readonly (Readonly<Record<Engine["name"], string>> & {
  readonly ability: string;
})[] = [
  { ability: "removed blocks", terraform: "1.7.0", tofu: "1.7.0" },
  { ability: "write-only arguments", terraform: "1.11.0", tofu: "1.11.0" },
];

/** Returns the features that this engine lacks, each with the version that adds it. */
export function missingAbilities({ name, version }: Pick<Engine, "name" | "version">): string[] {
  return abilities.flatMap(({ ability, ...firstVersions }) => {
    const firstVersion = firstVersions[name];
    return compareVersions(version, firstVersion) < 0 ? [`${ability} (needs ${firstVersion})`] : [];
  });
}

/**
 * Finds Terraform or OpenTofu: TERRAFORM_BINARY_NAME (a name or a path), else `terraform`, else
 * `tofu` on the PATH.
 * @throws LakeformError NO_ENGINE, ENGINE_TOO_OLD, ENGINE_BROKEN
 */
export async function findEngine(env: NodeJS.ProcessEnv): Promise<Engine> {
  const configuredName = env.TERRAFORM_BINARY_NAME === "" ? undefined : env.TERRAFORM_BINARY_NAME;
  const names = configuredName === undefined ? ["terraform", "tofu"] : [configuredName];
  const binary = names
    .map((name) => findExecutable(name, env))
    .find((candidate) => candidate !== undefined);
  if (binary === undefined) {
    throw new LakeformError("NO_ENGINE", "found neither Terraform nor OpenTofu", {
      value:
        configuredName === undefined
          ? "looked for terraform and tofu on the PATH"
          : `TERRAFORM_BINARY_NAME=${configuredName}`,
      allowed: `terraform or tofu ${minimumEngineVersion} or newer`,
      fix: "install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install), or set TERRAFORM_BINARY_NAME",
    });
  }
  const { version, name } = await readVersionOnce(binary, env);
  if (compareVersions(version, minimumEngineVersion) < 0) {
    throw new LakeformError("ENGINE_TOO_OLD", `${name} is too old`, {
      value: `${binary} ${version}`,
      allowed: `${minimumEngineVersion} or newer`,
      fix: `upgrade ${name}, or point TERRAFORM_BINARY_NAME at a newer one`,
    });
  }
  return { name, binary, version };
}

/**
 * Determines whether the executable is Terraform or OpenTofu, by its file name or else by its text
 * output, because their `version -json` output is identical.
 */
async function nameOf(binary: string, env: NodeJS.ProcessEnv): Promise<Engine["name"]> {
  const file = path.basename(binary, ".exe");
  if (file === "tofu" || file === "terraform") return file;
  const { stdout } = await execute(binary, ["version"], { env: versionEnvironment(env) });
  return stdout.startsWith("OpenTofu") ? "tofu" : "terraform";
}

/**
 * Returns an environment without the CLI configuration, because an invalid one hides the version.
 */
function versionEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" };
}

/** Caches the versions of executables, so that each executable is started only once. */
const versions = new Map<string, ReturnType<typeof readVersion>>();

/** A smaller file is the script of a version manager, which selects a version for each folder. */
const minExecutableBytes = 1e6;

function readVersionOnce(binary: string, env: NodeJS.ProcessEnv): ReturnType<typeof readVersion> {
  const { dev, ino, size, mtimeMs } = fs.statSync(binary);
  if (size < minExecutableBytes) return readVersion(binary, env);
  const key = [binary, dev, ino, size, mtimeMs].join(" ");
  const cached = versions.get(key);
  if (cached !== undefined) return cached;
  const version = readVersion(binary, env);
  versions.set(key, version);
  version.catch(() => versions.delete(key));
  return version;
}

async function readVersion(
  binary: string,
  env: NodeJS.ProcessEnv,
): Promise<{ version: string; name: Engine["name"] }> {
  try {
    const { stdout } = await execute(binary, ["version", "-json"], {
      env: versionEnvironment(env),
    });
    const output = JSON.parse(stdout) as { terraform_version?: unknown };
    if (typeof output.terraform_version !== "string")
      throw new Error(`no terraform_version in ${stdout.slice(0, 200)}`);
    return { version: output.terraform_version, name: await nameOf(binary, env) };
  } catch (error) {
    throw new LakeformError("ENGINE_BROKEN", "could not determine the Terraform version", {
      value: binary,
      fix: `run "${binary} version" and check its output`,
      cause: error,
    });
  }
}

function findExecutable(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const candidates = name.includes(path.sep)
    ? [path.resolve(name)]
    : (env.PATH ?? "")
        .split(path.delimiter)
        .map((folder) => path.join(folder, process.platform === "win32" ? `${name}.exe` : name));
  return candidates.find((file) => {
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
