import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { lockedVersion, requiredVersion } from "./provider-mirror";
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
  const inputsHash = createHash("sha256")
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
  const markerText = (): string => `${inputsHash} ${installedHash(dataFolder, lock)}`;
  const savedMarker = fs.existsSync(marker) ? fs.readFileSync(marker, "utf8") : "";
  if (fs.existsSync(lock) && savedMarker === markerText()) return;
  createBackendFolder(stack);
  const initArguments = [
    "init",
    "-input=false",
    "-no-color",
    ...(isUpgradeNeeded(context.directory, stack) ? ["-upgrade"] : []),
  ];
  try {
    await runTerraform(context, initArguments);
  } catch (error) {
    // An earlier init with the same inputs succeeded, or one was interrupted while it wrote the
    // marker, which is then empty or incomplete. In both cases the lock file or the installed files
    // may be damaged, so init runs again without them.
    const isMarkerIncomplete =
      savedMarker === "" ? fs.existsSync(marker) : !/^[0-9a-f]{64} [0-9a-f]{64}$/.test(savedMarker);
    if (context.foreign === true || !(isMarkerIncomplete || savedMarker.startsWith(inputsHash)))
      throw error;
    fs.rmSync(lock, { force: true });
    for (const part of installedParts)
      fs.rmSync(path.join(dataFolder, part), { recursive: true, force: true });
    await runTerraform(context, initArguments);
  }
  fs.mkdirSync(dataFolder, { recursive: true });
  fs.writeFileSync(marker, markerText());
}

/**
 * True if the lock file locks a different provider version than the one that the bindings require,
 * because they were upgraded or the project moved to another toolkit.
 */
function isUpgradeNeeded(directory: string, stack: SynthesizedStack): boolean {
  const required = requiredVersion(stack.json.terraform);
  const locked = lockedVersion(directory);
  return required !== undefined && locked !== undefined && locked !== required;
}

export const dataFolderOf = ({ directory, mirror }: TerraformContext): string =>
  path.resolve(directory, providerEnvironment(mirror).TF_DATA_DIR ?? ".terraform");

/**
 * The entries that `init` creates. `terraform.tfstate` contains the configuration of the backend.
 */
const installedParts = ["providers", "modules", "terraform.tfstate"];

/**
 * Returns a hash of the files that `terraform init` creates, to detect missing files: caches may be
 * restored partially, and folders may be cleaned up.
 */
function installedHash(dataFolder: string, lock: string): string {
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

/**
 * Lists all files below a folder. Follows symlinks, because a provider can be a link into a cache.
 */
function filesBelow(location: string): string[] {
  const status = fs.lstatSync(location, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (fs.statSync(location, { throwIfNoEntry: false })?.isDirectory() !== true) return [location];
  return fs
    .readdirSync(location)
    .sort()
    .flatMap((name) => filesBelow(path.join(location, name)));
}

function createBackendFolder(stack: SynthesizedStack): void {
  const backend = stack.json.terraform?.backend as { local?: { path?: string } } | undefined;
  if (backend?.local?.path === undefined) return;
  fs.mkdirSync(path.dirname(path.resolve(stack.directory, backend.local.path)), {
    recursive: true,
    mode: 0o700,
  });
}
