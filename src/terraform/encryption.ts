/**
 * Handles states that OpenTofu encrypted. Their serial and lineage are readable; only OpenTofu can
 * decrypt the rest.
 */
import { LakeformError } from "../errors";
import type { Engine } from "./engine";
import type { SynthesizedStack } from "./stack";
import { isInWorkspace } from "./workspace-states";

/**
 * True for an encrypted state, which starts like this:
 * `{"serial":3,"lineage":"…","meta":{…},"encrypted_data":"…","encryption_version":"v0"}`.
 */
export function isEncrypted(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 65_536).toString("utf8");
  return (
    start.startsWith("{") &&
    /"encrypted_data"\s*:\s*"/.test(start) &&
    !/"version"\s*:\s*4\b/.test(start)
  );
}

/** True if the bytes are a complete encrypted state. */
export const isCompleteEncrypted = (bytes: Buffer): boolean =>
  isEncrypted(bytes) && bytes.subarray(-64).toString("utf8").trimEnd().endsWith("}");

/** Creates the error for a state that this engine cannot decrypt. */
export function cannotDecrypt(location: string, fix: string): LakeformError {
  return new LakeformError(
    "STATE_ENCRYPTION",
    "the state is encrypted by OpenTofu, and only tofu can read it",
    {
      value: location,
      allowed:
        "tofu as the engine, with the TF_ENCRYPTION or encryption block that encrypted the state",
      fix,
    },
  );
}

/**
 * Refuses OpenTofu's encryption for states in the workspace. lakeform stores these states, has to
 * read them, and has its own encryption.
 * @throws LakeformError STATE_ENCRYPTION
 */
export function refuseEncryptionInWorkspace(
  engine: Engine,
  env: NodeJS.ProcessEnv,
  stacks: readonly SynthesizedStack[],
): void {
  const stack = stacks.find((stack) => isInWorkspace(stack) && isEncrypting(env, stack));
  if (engine.name !== "tofu" || stack === undefined) return;
  throw new LakeformError(
    "STATE_ENCRYPTION",
    "a state in the workspace cannot be encrypted by OpenTofu",
    {
      value: `${stack.name}, with ${(env["TF_ENCRYPTION"] ?? "") === "" ? "an encryption block" : "TF_ENCRYPTION"}`,
      fix: "remove it, and encrypt the state with LAKEFORM_STATE_KEY; or choose another backend",
    },
  );
}

const isEncrypting = (env: NodeJS.ProcessEnv, { json }: SynthesizedStack): boolean =>
  (env["TF_ENCRYPTION"] ?? "") !== "" || json.terraform?.["encryption"] !== undefined;

/** Returns the values of TF_ENCRYPTION that must not be shown: its passphrases and keys. */
export function secretsOfEncryption(env: NodeJS.ProcessEnv): string[] {
  return [
    ...(env["TF_ENCRYPTION"] ?? "").matchAll(
      /"(?:passphrase|key)"?\s*[:=]\s*"([^"]+)"|\b(?:passphrase|key)\s*[:=]\s*"([^"]+)"/g,
    ),
  ].map(([, json, hcl]) => json ?? hcl ?? "");
}
