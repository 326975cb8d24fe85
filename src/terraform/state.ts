import { parseExact } from "../exact-json";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LakeformError } from "../errors";
import { cannotDecrypt, isEncrypted, isCompleteEncrypted } from "./encryption";
import type { SynthesizedStack } from "./stack";
import { selectedWorkspace } from "./selected-workspace";
import { runTerraform, type TerraformContext } from "./run";
import { makeScratchFolder } from "./scratch-folder";
import { withLockErrors } from "./state-errors";
import { isFirstPushOf, resourcesIn } from "./state-text";
import { isInWorkspace } from "./workspace-states";

/** Terraform's state, format 4, with only the fields used here. */
export interface State {
  readonly version: 4;
  readonly serial: number;
  readonly lineage: string;
  readonly outputs?: Readonly<
    Record<string, { readonly value: unknown; readonly sensitive?: boolean }>
  >;
  readonly resources: readonly StateResource[];
}

export interface StateResource {
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  readonly module?: string;
  readonly instances: readonly StateInstance[];
}

export interface StateInstance {
  readonly index_key?: string | number;
  readonly status?: "tainted";
  readonly schema_version: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Returns the absolute path of a stack's local state file; undefined if its state is in another
 * backend (or HCP Terraform).
 */
export function localStateFile(
  stack: Pick<SynthesizedStack, "json" | "directory">,
  workspace = "default",
): string | undefined {
  const { backend, cloud } = (stack.json.terraform ?? {}) as {
    backend?: Record<string, { path?: string; workspace_dir?: string }>;
    cloud?: unknown;
  };
  if (cloud !== undefined || (backend !== undefined && backend.local === undefined))
    return undefined;
  const { path: file = "terraform.tfstate", workspace_dir: folder = "terraform.tfstate.d" } =
    backend?.local ?? {};
  return path.resolve(
    stack.directory,
    workspace === "default" ? file : path.join(folder, workspace, "terraform.tfstate"),
  );
}

/**
 * Returns the state of a stack in the selected Terraform workspace, or undefined if it has none. It
 * is read from a local file, or through Terraform for any other backend. It contains secrets in
 * clear text: never print it.
 * @throws LakeformError BROKEN_STATE, NEWER_STATE, STATE_ENCRYPTION, STATE_UNREADABLE,
 * TERRAFORM_FAILED
 */
export async function readState(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<State | undefined> {
  return unlessEmpty(await readBytes(context, stack), (bytes, location) =>
    parseState(bytes.toString("utf8"), location),
  );
}

/**
 * Like {@link readState}, for one pass over a large state.
 * @throws as {@link parseStateLazily}, while iterating
 */
export async function streamState(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<StreamedState | undefined> {
  return unlessEmpty(await readBytes(context, stack), parseStateLazily);
}

/** Returns the bytes of a stack's state, from any backend. */
export async function stateBytes(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<Buffer | undefined> {
  const content = await readBytes(context, stack);
  return (
    unlessEmpty(content, (bytes, location) => parseState(bytes.toString("utf8"), location)) &&
    content?.bytes
  );
}

/**
 * Writes a state to the backend of a stack, where its serial may become higher. Terraform rejects a
 * state of another lineage or with an older serial.
 * @throws LakeformError TERRAFORM_FAILED
 */
export async function pushState(
  context: TerraformContext,
  stack: SynthesizedStack,
  state: Buffer,
): Promise<void> {
  const file = localStateFile(stack, selectedWorkspace(context));
  if (file !== undefined) fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const terraform =
    file === undefined
      ? backendOf(stack)
      : { ...backendOf(stack), backend: { local: { path: file } } };
  await inScratchFolder(
    context,
    stack,
    terraform,
    selectedWorkspace(context),
    async (scratchContext) => {
      const pushedFile = path.join(scratchContext.directory, "pushed.tfstate");
      fs.writeFileSync(pushedFile, state, { mode: 0o600 });
      const { stdout: stateBefore } = await runTerraform(scratchContext, ["state", "pull"]);
      const before = stateBefore.trim() && parseState(stateBefore, `the backend of ${stack.name}`);
      const isNew = before === "" || before.lineage === "";
      const pushed = parseState(state.toString("utf8"), pushedFile);
      const isHalfPushed = !isNew && isFirstPushOf(pushed, before);
      const push = (...args: string[]): Promise<unknown> =>
        withLockErrors(stack, () => runTerraform(scratchContext, ["state", "push", ...args]));
      if (!isHalfPushed) await push(pushedFile);
      // The first push to an empty remote backend gets a new lineage and serial 1; a second push
      // keeps the lineage of the state.
      if (isHalfPushed || (file === undefined && isNew)) await push("-force", pushedFile);
    },
  );
  if (file !== undefined) fs.chmodSync(file, 0o600);
}

interface StateBytes {
  readonly bytes: Buffer;
  /** The file or backend that contains the state, for errors. */
  readonly location: string;
}

/** Like {@link streamState}, including null and empty values. */
export async function streamWholeState(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<StreamedState | undefined> {
  return unlessEmpty(await readBytes(context, stack), (bytes, location) =>
    parseStateLazily(bytes, location, true),
  );
}

function unlessEmpty<S extends StreamedState>(
  content: StateBytes | undefined,
  parse: (bytes: Buffer, location: string) => S,
): S | undefined {
  if (content === undefined) return undefined;
  const state = parse(content.bytes, content.location);
  // Some backends return an empty state if there is none.
  return state.lineage === "" && isEmpty(state.resources) ? undefined : state;
}

function isEmpty(items: Iterable<unknown>): boolean {
  return items[Symbol.iterator]().next().done === true;
}

/** Returns the bytes of a local state; undefined if there is none, or if it is encrypted. */
export async function localStateBytes(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<Buffer | undefined> {
  const file = isInWorkspace(stack) ? undefined : localStateFile(stack, selectedWorkspace(context));
  const bytes = file === undefined ? undefined : await readComplete(file);
  return bytes === undefined || isEncrypted(bytes) ? undefined : bytes;
}

/** Reads a stack's state from any backend, decrypted. */
async function readBytes(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<StateBytes | undefined> {
  const workspace = selectedWorkspace(context);
  const file = localStateFile(stack, workspace);
  if (context.states !== undefined && isInWorkspace(stack)) {
    const bytes = await context.states.read(stack);
    return bytes && { bytes, location: `the state of ${stack.name} in the workspace` };
  }
  if (file === undefined) return pullState(context, stack, workspace);
  const bytes = await readComplete(file);
  if (bytes === undefined) return undefined;
  if (isEncrypted(bytes)) return decryptState(context, stack, file);
  // Terraform creates an empty file before it writes the first state, and removes it after a plan.
  return bytes.length === 0 && !fs.existsSync(`${file}.backup`)
    ? undefined
    : { bytes, location: file };
}

/**
 * Returns a state from a file that the user named, decrypted if OpenTofu encrypted it.
 * @throws LakeformError STATE_ENCRYPTION, TERRAFORM_FAILED
 */
export async function stateFromFile(
  context: TerraformContext,
  stack: SynthesizedStack,
  file: string,
): Promise<Buffer> {
  const bytes = fs.readFileSync(file);
  return (
    (isEncrypted(bytes) ? (await decryptState(context, stack, file))?.bytes : undefined) ?? bytes
  );
}

/** Decrypts a state with the engine, which has the key. @throws LakeformError STATE_ENCRYPTION */
async function decryptState(
  context: TerraformContext,
  stack: SynthesizedStack,
  file: string,
): Promise<StateBytes | undefined> {
  if (context.engine.name !== "tofu") throw cannotDecrypt(file, "set TERRAFORM_BINARY_NAME=tofu");
  // `file` belongs to the selected workspace, so the scratch folder uses the workspace "default".
  const terraform = { ...backendOf(stack), backend: { local: { path: file } } };
  const { stdout } = await inScratchFolder(context, stack, terraform, "default", (scratchContext) =>
    runTerraform(scratchContext, ["state", "pull"]),
  );
  return stdout.trim() === "" ? undefined : { bytes: Buffer.from(stdout), location: file };
}

/** The file next to a local state that describes its lock while Terraform holds it. */
export const lockInfoFile = (state: string): string =>
  path.join(path.dirname(state), `.${path.basename(state)}.lock.info`);

/** Maximum number of reads, 50 ms apart, of a state that another Terraform process is writing. */
const maxReads = 40;

/**
 * Reads a complete state. Terraform empties the file before it writes it, so the file may be
 * incomplete for a moment.
 */
async function readComplete(file: string): Promise<Buffer | undefined> {
  const info = lockInfoFile(file);
  for (let read = 1; ; read += 1) {
    const bytes = unlessMissing(() => fs.readFileSync(file));
    if (
      bytes === undefined ||
      isComplete(bytes) ||
      isCompleteEncrypted(bytes) ||
      !fs.existsSync(info) ||
      read === maxReads
    )
      return bytes;
    await sleep(50);
  }
}

/**
 * True if the bytes end like a complete state. Terraform indents a state, so only its last brace is
 * at the start of a line.
 */
export const isComplete = (end: Buffer): boolean => end.subarray(-3).toString("latin1") === "\n}\n";

export type StateHead = Pick<State, "lineage" | "serial">;

/**
 * Reads a file that another Terraform process may remove at any moment.
 * @returns undefined if it does not exist
 */
export function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Returns the lineage and serial of a state file, which are at its start; undefined if the file
 * does not exist or is empty.
 * @throws LakeformError BROKEN_STATE
 */
export function stateHead(file: string): StateHead | undefined {
  return unlessMissing(() => readHead(file));
}

function readHead(file: string): StateHead | undefined {
  const handle = fs.openSync(file, "r");
  try {
    const start = Buffer.alloc(headLength);
    const head = headOfText(start.subarray(0, fs.readSync(handle, start, 0, start.length, 0)));
    if (head !== undefined) return head;
  } finally {
    fs.closeSync(handle);
  }
  const bytes = fs.readFileSync(file);
  if (isEncrypted(bytes)) return parseJson(bytes.toString("utf8"), file) as StateHead;
  return bytes.length === 0 ? undefined : parseState(bytes.toString("utf8"), file);
}

/** Like {@link stateHead}, for a complete state. @throws LakeformError BROKEN_STATE */
export function headOfState(bytes: Buffer, location: string): StateHead {
  return (
    (isComplete(bytes) ? headOfText(bytes.subarray(0, headLength)) : undefined) ??
    parseState(bytes.toString("utf8"), location)
  );
}

const headLength = 1024;

function headOfText(start: Buffer): StateHead | undefined {
  const text = start.toString("utf8");
  const head =
    /^\s*\{\s*"version": 4,\s*"terraform_version": "[^"]*",\s*"serial": (\d+),\s*"lineage": "([^"]*)"/.exec(
      text,
    );
  return head?.[1] === undefined || head[2] === undefined
    ? undefined
    : { serial: Number(head[1]), lineage: head[2] };
}

/** Runs `terraform state pull` in a scratch folder. */
async function pullState(
  context: TerraformContext,
  stack: SynthesizedStack,
  workspace: string,
): Promise<StateBytes | undefined> {
  const { stdout } = await inScratchFolder(
    context,
    stack,
    backendOf(stack),
    workspace,
    (scratchContext) => runTerraform(scratchContext, ["state", "pull"]),
  );
  return stdout.trim() === ""
    ? undefined
    : { bytes: Buffer.from(stdout), location: `the backend of ${stack.name}` };
}

function backendOf({ json }: SynthesizedStack): Record<string, unknown> {
  const { backend, cloud, encryption } = json.terraform ?? {};
  return { backend, cloud, encryption };
}

/**
 * Runs `work` in a folder with only the backend configuration, so that no provider has to be
 * installed.
 */
export async function inScratchFolder<T>(
  context: TerraformContext,
  stack: SynthesizedStack,
  terraform: Record<string, unknown>,
  workspace: string,
  work: (scratchContext: TerraformContext) => Promise<T>,
): Promise<T> {
  const scratch = makeScratchFolder();
  try {
    fs.writeFileSync(
      path.join(scratch, "backend.tf.json"),
      JSON.stringify({ terraform, ...usedNames(stack, terraform) }),
      { mode: 0o600 },
    );
    const env = workspace === "default" ? context.env : { ...context.env, TF_WORKSPACE: workspace };
    const scratchContext = { ...context, env, directory: scratch, owner: stack.directory };
    await runTerraform(scratchContext, ["init", "-input=false", "-no-color"]);
    return await work(scratchContext);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Returns the variables and locals that the backend and encryption use, which OpenTofu allows. */
function usedNames(
  { json }: SynthesizedStack,
  terraform: Record<string, unknown>,
): Record<string, unknown> {
  return /\$\{[^}]*\b(var|local)\./.test(JSON.stringify(terraform))
    ? { variable: json.variable, locals: json["locals"] }
    : {};
}

/**
 * A state whose resources are parsed one by one on each iteration. Attributes that are null or an
 * empty list may be absent.
 */
export interface StreamedState extends Omit<State, "resources"> {
  readonly resources: Iterable<StateResource>;
}

/**
 * Parses a state while it is iterated.
 * @throws LakeformError BROKEN_STATE if it is truncated, not JSON or of another format. An error
 * inside a resource is thrown when the iteration reaches it.
 */
export function parseStateLazily(
  bytes: Buffer,
  location: string,
  includesEmpty = false,
): StreamedState {
  const parts = resourcesIn(bytes, includesEmpty);
  if (parts === undefined) return parseState(bytes.toString("utf8"), location);
  const resources = function* (): Generator<StateResource> {
    for (const text of parts.resources) yield parseJson(text, location) as StateResource;
  };
  return { ...parseState(parts.head, location), resources: { [Symbol.iterator]: resources } };
}

/**
 * Parses a state.
 * @throws LakeformError BROKEN_STATE if it is truncated or not a state; NEWER_STATE,
 * STATE_ENCRYPTION
 */
export function parseState(text: string, location: string): State {
  const state = parseJson(text, location);
  if ("encrypted_data" in Object(state))
    throw cannotDecrypt(location, "decrypt it first: tofu state pull > FILE, in its folder");
  const { version, resources } = (state ?? {}) as { version?: unknown; resources?: unknown };
  if (typeof version === "number" && version > 4)
    throw new LakeformError("NEWER_STATE", "the state has an unsupported format", {
      value: `format ${version} in ${location}`,
      allowed: "format 4",
      fix: "a newer Terraform has written it: use a newer lakeform, or the previous Terraform version with the backup of the state",
    });
  if (version !== 4 || !Array.isArray(resources))
    throw brokenState(
      location,
      `it is not a Terraform state of format 4 (version ${String(version)})`,
    );
  return state as State;
}

function parseJson(text: string, location: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    throw brokenState(location, "it is not JSON (truncated?)", error);
  }
}

function brokenState(location: string, reason: string, cause?: unknown): LakeformError {
  return new LakeformError("BROKEN_STATE", `invalid Terraform state: ${reason}`, {
    value: location,
    fix: "lakeform deploy (or review) restores a state truncated by a kill from the backup next to it, when that is safe; otherwise restore it from that backup (….tfstate.backup) or from your backend's versions; do not delete it: Terraform would create everything again",
    cause,
  });
}
