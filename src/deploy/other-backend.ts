/** Handles a folder that was initialized with a different backend than the one in the code. */
import fs from "node:fs";
import path from "node:path";
import { readOnly } from "../api/auth/connect";
import { LakeformError } from "../errors";
import { States } from "../state/open";
import { dataFolderOf } from "../terraform/initialize";
import type { StackJson, SynthesizedStack } from "../terraform/stack";
import { stateBytes } from "../terraform/state";
import { headOfState, unlessMissing } from "../terraform/state-file";
import { parseState } from "../terraform/state-format";
import { isInWorkspace } from "../terraform/workspace-states";
import type { DeploymentRecord } from "../verify/deployed/record";
import type { DeployTarget } from "./target";

type Settings = Readonly<Record<string, unknown>>;

/**
 * The stack with the backend of the last `terraform init` on this machine; undefined if that is the
 * backend in the code, or if it is unknown.
 */
export function initializedElsewhere({
  stack,
  terraform,
}: Pick<DeployTarget, "stack" | "terraform">): SynthesizedStack | undefined {
  const text = unlessMissing(() => fs.readFileSync(initFileOf(terraform), "utf8"));
  const initSettings =
    text === undefined
      ? undefined
      : (parseInitFile(text)?.["backend"] as { type?: string; config?: Settings } | undefined);
  if (initSettings?.type === undefined) return undefined;
  const { type } = initSettings;
  const config = Object.fromEntries(
    Object.entries(initSettings.config ?? {}).filter(([, value]) => value !== null),
  );
  const [currentType, settings = {}] = Object.entries(
    (stack.json.terraform?.backend ?? {}) as Record<string, Settings>,
  )[0] ?? ["local"];
  if (type === currentType && sameSettings(config, settings)) return undefined;
  // The backend in the workspace is Terraform's http backend; its address is in the environment.
  const kind = type === "http" && config["address"] === undefined ? "workspace" : type;
  return {
    ...stack,
    json: { ...stack.json, terraform: { ...stack.json.terraform, backend: { [type]: config } } },
    metadata: {
      ...stack.metadata,
      profileSettings: { ...stack.metadata.profileSettings, backend: kind },
    },
  };
}

/** The deployed stack, if its backend differs from the one in the code. */
export function deployedElsewhere(
  stack: SynthesizedStack,
  { synthesized }: DeploymentRecord,
): SynthesizedStack | undefined {
  const json = synthesized as StackJson;
  const deployedStack = { ...stack, json, metadata: json["//"]?.lakeform ?? stack.metadata };
  const isSameBackend =
    JSON.stringify(json.terraform?.backend) === JSON.stringify(stack.json.terraform?.backend);
  return isSameBackend && backendName(deployedStack) === backendName(stack)
    ? undefined
    : deployedStack;
}

/** Whether two backends have the same settings. Nested blocks are left to Terraform. */
function sameSettings(a: Settings, b: Settings): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (key) =>
      typeof a[key] === "object" || typeof b[key] === "object" || asText(a[key]) === asText(b[key]),
  );
}

/** Converts a value to a string, because `true` and `"true"` are equal for Terraform. */
const asText = (value: unknown): string | undefined =>
  typeof value === "string" ? value : JSON.stringify(value);

/** The file in which `terraform init` records the backend. It is not a state. */
const initFileOf = (terraform: DeployTarget["terraform"]): string =>
  path.join(dataFolderOf(terraform), "terraform.tfstate");

function parseInitFile(text: string): Settings | undefined {
  try {
    return JSON.parse(text) as Settings;
  } catch (error) {
    // A kill truncated the file; `init` writes it again.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Removes the record of the last `init`, so that Terraform does not offer to migrate the state. */
export function forgetInitialized(terraform: DeployTarget["terraform"]): void {
  for (const name of ["terraform.tfstate", "lakeform-init"])
    fs.rmSync(path.join(dataFolderOf(terraform), name), { force: true });
}

/** The state in the backend of `stack`, which may differ from the backend of the target's stack. */
export async function stateIn(
  { client, terraform }: DeployTarget,
  stack: SynthesizedStack,
): Promise<Buffer | undefined> {
  if (isInWorkspace(stack))
    return new States(terraform.env, () => undefined).add(stack, readOnly(client)).read();
  return stateBytes({ ...terraform, states: undefined }, stack);
}

export function backendName(stack: SynthesizedStack): string {
  return isInWorkspace(stack)
    ? "workspace"
    : (Object.keys(stack.json.terraform?.backend ?? { local: {} })[0] ?? "local");
}

/**
 * Allows `init` with the backend in the code if that backend has the state, or if there is no
 * state.
 * @throws LakeformError BACKEND_CHANGED if the state is still in the old backend, or if that is
 * unknown
 */
export async function leaveOldBackend(target: DeployTarget): Promise<void> {
  const { stack, terraform } = target;
  const oldStack = terraform.foreign === true ? undefined : initializedElsewhere(target);
  if (oldStack === undefined) return;
  let oldState: Buffer | undefined;
  try {
    oldState = await stateIn(target, oldStack);
  } catch (error) {
    throw backendChanged(
      target,
      oldStack,
      `the old one cannot be read: ${(error as Error).message.split("\n")[0] ?? ""}`,
      error,
    );
  }
  if (
    oldState !== undefined &&
    parseState(oldState.toString("utf8"), backendName(oldStack)).resources.length > 0
  ) {
    const oldHead = headOfState(oldState, backendName(oldStack));
    const state = await stateIn(target, stack);
    const head = state && headOfState(state, backendName(stack));
    if (head?.lineage !== oldHead.lineage || head.serial < oldHead.serial) {
      const newState =
        head === undefined
          ? "none"
          : `serial ${head.serial}${head.lineage === oldHead.lineage ? "" : " of another lineage"}`;
      throw backendChanged(
        target,
        oldStack,
        `state in the old one: serial ${oldHead.serial}; in the new one: ${newState}`,
      );
    }
  }
  forgetInitialized(terraform);
}

function backendChanged(
  { stack, terraform }: DeployTarget,
  oldStack: SynthesizedStack,
  reason: string,
  cause?: unknown,
): LakeformError {
  const [from, to] = [backendName(oldStack), backendName(stack)];
  return new LakeformError(
    "BACKEND_CHANGED",
    `the backend of ${stack.name} has changed, and its state is not in the new one`,
    {
      path: stack.name,
      value: `${from === to ? `settings of ${to}` : `${from} -> ${to}`}; ${reason}`,
      fix: `copy the state: lakeform state migrate ${stack.name}; if the old one is not needed: delete ${initFileOf(terraform)}`,
      cause,
    },
  );
}
