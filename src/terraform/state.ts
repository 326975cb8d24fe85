import { parseExact } from "../exact-json";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LakeformError } from "../errors";
import { cannotDecrypt, isEncrypted, isEncryptedWhole } from "./encryption";
import type { SynthesizedStack } from "./stack";
import { selectedWorkspace } from "./selected-workspace";
import { runTerraform, type TerraformContext } from "./run";
import { resourcesIn } from "./state-text";
import { isInWorkspace } from "./workspace-states";

/** Terraform's state, format 4: only the fields used here. */
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
 * The local state file of a stack, absolute; undefined when its state is in another backend (or HCP
 * Terraform).
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
 * The state of a stack in the selected Terraform workspace, or undefined if it has none: read from
 * a local file, or through Terraform for any other backend. Holds secrets in clear text: never
 * print it.
 * @throws LakeformError BROKEN_STATE, STATE_UNREADABLE
 */
export async function readState(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<State | undefined> {
  return present(await stateText(context, stack), (bytes, where) =>
    parseState(bytes.toString("utf8"), where),
  );
}

/**
 * As {@link readState}, for one pass over a large state.
 * @throws as {@link parseStateSlowly}, while iterating
 */
export async function streamState(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<StreamedState | undefined> {
  return present(await stateText(context, stack), parseStateSlowly);
}

/** The bytes of the state of a stack, wherever its backend keeps it. */
export async function stateBytes(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<Buffer | undefined> {
  const found = await stateText(context, stack);
  return (
    present(found, (bytes, where) => parseState(bytes.toString("utf8"), where)) && found?.bytes
  );
}

/**
 * Gives the backend of a stack a state; its serial may be higher there. Terraform refuses one of
 * another lineage, or an older one.
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
  await inScratch(context, stack, terraform, selectedWorkspace(context), async (within) => {
    const pushed = path.join(within.directory, "pushed.tfstate");
    fs.writeFileSync(pushed, state, { mode: 0o600 });
    const { stdout: before } = await runTerraform(within, ["state", "pull"]);
    const isNew =
      before.trim() === "" || parseState(before, `the backend of ${stack.name}`).lineage === "";
    await runTerraform(within, ["state", "push", pushed]);
    // Into an empty remote backend Terraform writes a state with a lineage that it makes up, and
    // with serial 1. The second time it keeps the lineage.
    if (file === undefined && isNew)
      await runTerraform(within, ["state", "push", "-force", pushed]);
  });
  if (file !== undefined) fs.chmodSync(file, 0o600);
}

interface Text {
  readonly bytes: Buffer;
  readonly where: string;
}

/** As {@link streamState}, including null and empty values. */
export async function streamWholeState(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<StreamedState | undefined> {
  return present(await stateText(context, stack), (bytes, where) =>
    parseStateSlowly(bytes, where, true),
  );
}

function present<S extends StreamedState>(
  found: Text | undefined,
  parse: (bytes: Buffer, where: string) => S,
): S | undefined {
  if (found === undefined) return undefined;
  const state = parse(found.bytes, found.where);
  // Some backends return an empty state if there is none.
  return state.lineage === "" && isEmpty(state.resources) ? undefined : state;
}

function isEmpty(items: Iterable<unknown>): boolean {
  return items[Symbol.iterator]().next().done === true;
}

async function stateText(
  context: TerraformContext,
  stack: SynthesizedStack,
): Promise<Text | undefined> {
  const workspace = selectedWorkspace(context);
  const file = localStateFile(stack, workspace);
  if (context.states !== undefined && isInWorkspace(stack)) {
    const bytes = await context.states.read(stack);
    return bytes && { bytes, where: `the state of ${stack.name} in the workspace` };
  }
  if (file === undefined) return pullState(context, stack, workspace);
  const bytes = await whole(file);
  if (bytes === undefined) return undefined;
  if (isEncrypted(bytes)) return decrypted(context, stack, file);
  // Terraform creates an empty file before it writes the first state, and removes it after a plan.
  return bytes.length === 0 && !fs.existsSync(`${file}.backup`)
    ? undefined
    : { bytes, where: file };
}

/**
 * A state from a file that the user names, decrypted where OpenTofu has encrypted it.
 * @throws LakeformError STATE_ENCRYPTION, TERRAFORM_FAILED
 */
export async function stateFromFile(
  context: TerraformContext,
  stack: SynthesizedStack,
  file: string,
): Promise<Buffer> {
  const bytes = fs.readFileSync(file);
  return (isEncrypted(bytes) ? (await decrypted(context, stack, file))?.bytes : undefined) ?? bytes;
}

/** Through the engine, which has the key. @throws LakeformError STATE_ENCRYPTION */
async function decrypted(
  context: TerraformContext,
  stack: SynthesizedStack,
  file: string,
): Promise<Text | undefined> {
  if (context.engine.name !== "tofu") throw cannotDecrypt(file, "set TERRAFORM_BINARY_NAME=tofu");
  // (workspaces of a local backend are folders, and this is the file of the selected one)
  const terraform = { ...backendOf(stack), backend: { local: { path: file } } };
  const { stdout } = await inScratch(context, stack, terraform, "default", (within) =>
    runTerraform(within, ["state", "pull"]),
  );
  return stdout.trim() === "" ? undefined : { bytes: Buffer.from(stdout), where: file };
}

/** How often to reread a state that another Terraform is writing, 50 ms apart. */
const readings = 40;

/** Terraform empties the file before it writes it: a read in between is not the state. */
async function whole(file: string): Promise<Buffer | undefined> {
  const info = path.join(path.dirname(file), `.${path.basename(file)}.lock.info`);
  for (let reading = 1; ; reading += 1) {
    const bytes = ifThere(() => fs.readFileSync(file));
    if (
      bytes === undefined ||
      endsWhole(bytes) ||
      isEncryptedWhole(bytes) ||
      !fs.existsSync(info) ||
      reading === readings
    )
      return bytes;
    await sleep(50);
  }
}

/** Terraform indents a state, with the last brace at the start of a line. */
export const endsWhole = (end: Buffer): boolean => end.subarray(-3).toString("latin1") === "\n}\n";

export type StateHead = Pick<State, "lineage" | "serial">;

/**
 * Another command's Terraform may remove the file at any moment.
 * @returns undefined when it is not there
 */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * Lineage and serial of a state file, which Terraform writes first; undefined when there is none.
 * @throws LakeformError BROKEN_STATE
 */
export function stateHead(file: string): StateHead | undefined {
  return ifThere(() => headIn(file));
}

function headIn(file: string): StateHead | undefined {
  const handle = fs.openSync(file, "r");
  try {
    const start = Buffer.alloc(headLength);
    const head = headOfText(start.subarray(0, fs.readSync(handle, start, 0, start.length, 0)));
    if (head !== undefined) return head;
  } finally {
    fs.closeSync(handle);
  }
  const text = fs.readFileSync(file);
  if (isEncrypted(text)) return parsed(text.toString("utf8"), file) as StateHead;
  return text.length === 0 ? undefined : parseState(text.toString("utf8"), file);
}

/** As {@link stateHead}, of a whole state. @throws LakeformError BROKEN_STATE */
export function headOfState(bytes: Buffer, where: string): StateHead {
  return (
    (endsWhole(bytes) ? headOfText(bytes.subarray(0, headLength)) : undefined) ??
    parseState(bytes.toString("utf8"), where)
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

/** `terraform state pull` in a scratch folder. */
async function pullState(
  context: TerraformContext,
  stack: SynthesizedStack,
  workspace: string,
): Promise<Text | undefined> {
  const { stdout } = await inScratch(context, stack, backendOf(stack), workspace, (within) =>
    runTerraform(within, ["state", "pull"]),
  );
  return stdout.trim() === ""
    ? undefined
    : { bytes: Buffer.from(stdout), where: `the backend of ${stack.name}` };
}

function backendOf({ json }: SynthesizedStack): Record<string, unknown> {
  const { backend, cloud, encryption } = json.terraform ?? {};
  return { backend, cloud, encryption };
}

/** A folder that holds the backend alone: it works without the provider being installed (0.3 s). */
async function inScratch<T>(
  context: TerraformContext,
  stack: SynthesizedStack,
  terraform: Record<string, unknown>,
  workspace: string,
  work: (within: TerraformContext) => Promise<T>,
): Promise<T> {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-state-"));
  try {
    fs.writeFileSync(
      path.join(scratch, "backend.tf.json"),
      JSON.stringify({ terraform, ...namesUsed(stack, terraform) }),
      { mode: 0o600 },
    );
    const env = workspace === "default" ? context.env : { ...context.env, TF_WORKSPACE: workspace };
    const within = { ...context, env, directory: scratch };
    await runTerraform(within, ["init", "-input=false", "-no-color"]);
    return await work(within);
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

/** Backend and encryption may use variables and locals (in OpenTofu). */
function namesUsed(
  { json }: SynthesizedStack,
  terraform: Record<string, unknown>,
): Record<string, unknown> {
  return /\$\{[^}]*\b(var|local)\./.test(JSON.stringify(terraform))
    ? { variable: json.variable, locals: json["locals"] }
    : {};
}

/**
 * A state whose resources are parsed one by one on each iteration. Null and empty-list attributes
 * may be absent.
 */
export interface StreamedState extends Omit<State, "resources"> {
  readonly resources: Iterable<StateResource>;
}

/**
 * @throws LakeformError BROKEN_STATE: truncated, not JSON, or of another format; for an error
 * inside a resource, when the iteration reaches it
 */
export function parseStateSlowly(bytes: Buffer, where: string, all = false): StreamedState {
  const parts = resourcesIn(bytes, all);
  if (parts === undefined) return parseState(bytes.toString("utf8"), where);
  const resources = function* (): Generator<StateResource> {
    for (const text of parts.resources) yield parsed(text, where) as StateResource;
  };
  return { ...parseState(parts.head, where), resources: { [Symbol.iterator]: resources } };
}

/** @throws LakeformError BROKEN_STATE: truncated, not JSON, or of another format */
export function parseState(text: string, where: string): State {
  const state = parsed(text, where);
  if ("encrypted_data" in Object(state))
    throw cannotDecrypt(where, "decrypt it first: tofu state pull > FILE, in its folder");
  const { version, resources } = (state ?? {}) as { version?: unknown; resources?: unknown };
  if (version !== 4 || !Array.isArray(resources))
    throw broken(where, `it is not a Terraform state of format 4 (version ${String(version)})`);
  return state as State;
}

function parsed(text: string, where: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    throw broken(where, "it is not JSON (truncated?)", error);
  }
}

function broken(where: string, why: string, cause?: unknown): LakeformError {
  return new LakeformError("BROKEN_STATE", `invalid Terraform state: ${why}`, {
    value: where,
    fix: "lakeform deploy (or review) restores a state truncated by a kill from the backup next to it, when that is safe; otherwise restore it from that backup (….tfstate.backup) or from your backend's versions; do not delete it: Terraform would create everything again",
    cause,
  });
}
