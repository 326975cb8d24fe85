import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { requiredVersion } from "./provider-mirror";
import { activateLock, providerEnvironment, runTerraform, type TerraformContext } from "./run";
import type { SynthesizedStack } from "./stack";

/** Runs `terraform init` if its inputs have changed since the last run in this folder. */
export async function initialize(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<void> {
  activateLock(context.directory, context.mirror);
  const dataFolder = dataFolderOf(context);
  const marker = path.join(dataFolder, "lakeform-init");
  const wanted = createHash("sha256")
    .update(
      JSON.stringify([
        stack.json.terraform,
        context.engine.binary,
        context.engine.version,
        context.mirror?.directory,
      ]),
    )
    .digest("hex");
  const lock = path.join(context.directory, ".terraform.lock.hcl");
  const done = (): string => `${wanted} ${installed(dataFolder, lock)}`;
  const left = fs.existsSync(marker) ? fs.readFileSync(marker, "utf8") : "";
  if (fs.existsSync(lock) && left === done()) return;
  makeBackendFolder(stack);
  const init = [
    "init",
    "-input=false",
    "-no-color",
    ...(isLockedElsewhere(lock, stack) ? ["-upgrade"] : []),
  ];
  try {
    await runTerraform(context, init);
  } catch (error) {
    // The result of an earlier init is incomplete: init again.
    const isTorn = left === "" ? fs.existsSync(marker) : !/^[0-9a-f]{64} [0-9a-f]{64}$/.test(left);
    if (context.foreign === true || !(isTorn || left.startsWith(wanted))) throw error;
    fs.rmSync(lock, { force: true });
    for (const part of installedParts)
      fs.rmSync(path.join(dataFolder, part), { recursive: true, force: true });
    await runTerraform(context, init);
  }
  fs.mkdirSync(dataFolder, { recursive: true });
  fs.writeFileSync(marker, done());
}

/**
 * The bindings require another version than the lock file has: they were upgraded, or the project
 * was moved to another toolkit.
 */
function isLockedElsewhere(lock: string, stack: SynthesizedStack): boolean {
  const required = requiredVersion(stack.json.terraform);
  if (required === undefined || !fs.existsSync(lock)) return false;
  const locked = /\/databricks\/databricks"\s*\{\s*version\s*=\s*"([^"]+)"/.exec(
    fs.readFileSync(lock, "utf8"),
  )?.[1];
  return locked !== undefined && locked !== required;
}

export const dataFolderOf = ({ directory, mirror }: TerraformContext): string =>
  path.resolve(directory, providerEnvironment(mirror).TF_DATA_DIR ?? ".terraform");

/** The last one holds the configuration of the backend. */
const installedParts = ["providers", "modules", "terraform.tfstate"];

/**
 * Compares the result of `terraform init` with the files present now: caches are restored
 * partially, and folders are cleaned up.
 */
function installed(dataFolder: string, lock: string): string {
  const hash = createHash("sha256").update(fs.existsSync(lock) ? fs.readFileSync(lock) : "");
  for (const part of installedParts) {
    for (const name of filesBelow(path.join(dataFolder, part))) {
      hash.update(
        `${path.relative(dataFolder, name)} ${fs.statSync(name, { throwIfNoEntry: false })?.size ?? "gone"}\n`,
      );
    }
  }
  return hash.digest("hex");
}

/** A provider can be a symlink into a mirror or a cache. */
function filesBelow(place: string): string[] {
  const found = fs.lstatSync(place, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [place];
  return fs
    .readdirSync(place)
    .sort()
    .flatMap((name) => filesBelow(path.join(place, name)));
}

function makeBackendFolder(stack: SynthesizedStack): void {
  const backend = stack.json.terraform?.backend as { local?: { path?: string } } | undefined;
  if (backend?.local?.path === undefined) return;
  fs.mkdirSync(path.dirname(path.resolve(stack.directory, backend.local.path)), {
    recursive: true,
    mode: 0o700,
  });
}
