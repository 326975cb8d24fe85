/** Reads and writes the state of a stack, from any backend. */
import fs from "node:fs";
import path from "node:path";
import { cannotDecrypt, isEncrypted } from "./encryption";
import type { SynthesizedStack } from "./stack";
import { selectedWorkspace } from "./selected-workspace";
import { runTerraform, type TerraformContext } from "./run";
import { makeScratchFolder } from "./scratch-folder";
import { withLockErrors } from "./state-errors";
import { localStateFile, readComplete } from "./state-file";
import { parseState, parseStateLazily, type State, type StreamedState } from "./state-format";
import { isFirstPushOf } from "./state-text";
import { isInWorkspace } from "./workspace-states";

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
