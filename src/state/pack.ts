/**
 * Packs a state for the workspace: compressed, encrypted if there is a key, and split into files
 * that the API accepts.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { LakeformError } from "../errors";
import { stateKeyVariables } from "../terraform/workspace-states";

/** The maximum size of a file in bytes: `workspace/import` accepts 10 MB of base64. */
export const chunkSize = 7_000_000;

export interface StateKey {
  /** Identifies the key without revealing it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The first key encrypts; every key can decrypt. */
export type StateKeys = readonly StateKey[];

const [keyVariable, oldKeyVariable] = stateKeyVariables;

/**
 * Reads the state keys from the environment; without a key, states are not encrypted.
 * @throws LakeformError BAD_STATE_KEY
 */
export function stateKeys(env: NodeJS.ProcessEnv): StateKeys {
  return stateKeyVariables.flatMap((variable) => {
    const text = env[variable];
    return text === undefined || text === "" ? [] : [keyOf(text, variable)];
  });
}

function keyOf(text: string, variable: string): StateKey {
  const bytes = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, "hex")
    : Buffer.from(text, "base64");
  if (bytes.length !== 32 || !/^([0-9a-f]{64}|[A-Za-z0-9+/]{43}=?)$/i.test(text)) {
    throw new LakeformError("BAD_STATE_KEY", "the key for Terraform's states is not 32 bytes", {
      value: `${variable}, ${text.length} characters`,
      allowed: "32 random bytes, as base64 or as 64 hexadecimal digits",
      fix: "create one, and store it with your other secrets: openssl rand -base64 32",
    });
  }
  return {
    id: createHash("sha256")
      .update("lakeform state key\n")
      .update(bytes)
      .digest("hex")
      .slice(0, 12),
    bytes,
  };
}

export interface PackedState {
  readonly bytes: Buffer;
  /** SHA-256 of `bytes`. */
  readonly sha256: string;
  /** Id of the encryption key; absent if the state is not encrypted. */
  readonly key?: string;
}

const [ivLength, tagLength] = [12, 16];

/**
 * Compresses and encrypts a state.
 * @param name identifies the stack and version; decryption fails with another name
 */
export async function pack(state: Buffer, name: string, keys: StateKeys): Promise<PackedState> {
  const compressed = await promisify(gzip)(state);
  const [key] = keys;
  if (key === undefined) return { bytes: compressed, sha256: sha256(compressed) };
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv("aes-256-gcm", key.bytes, iv).setAAD(Buffer.from(name));
  const bytes = Buffer.concat([iv, cipher.update(compressed), cipher.final(), cipher.getAuthTag()]);
  return { bytes, sha256: sha256(bytes), key: key.id };
}

/** Decrypts and decompresses a state. @throws LakeformError STATE_CORRUPT, STATE_KEY_MISSING */
export async function unpack(packed: PackedState, name: string, keys: StateKeys): Promise<Buffer> {
  if (sha256(packed.bytes) !== packed.sha256)
    throw corruptStateError(name, "its checksum does not match");
  try {
    return await promisify(gunzip)(
      packed.key === undefined ? packed.bytes : decrypt(packed.bytes, name, packed.key, keys),
    );
  } catch (error) {
    if (error instanceof LakeformError) throw error;
    throw corruptStateError(name, "it cannot be unpacked", error);
  }
}

function decrypt(bytes: Buffer, name: string, id: string, keys: StateKeys): Buffer {
  const key = requireKey(id, name, keys);
  const end = bytes.length - tagLength;
  const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, ivLength));
  decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(end));
  return Buffer.concat([decipher.update(bytes.subarray(ivLength, end)), decipher.final()]);
}

/** Returns the key with this id. @throws LakeformError STATE_KEY_MISSING */
export function requireKey(id: string, name: string, keys: StateKeys): StateKey {
  const key = keys.find((stateKey) => stateKey.id === id);
  if (key !== undefined) return key;
  throw new LakeformError(
    "STATE_KEY_MISSING",
    keys.length === 0
      ? "the state is encrypted, and there is no key"
      : "the state is encrypted with another key",
    {
      path: name,
      value:
        keys.length === 0
          ? `${keyVariable} is not set`
          : `key ${keys.map((stateKey) => stateKey.id).join(", ")}`,
      allowed: `the key with the id ${id}`,
      fix: `set ${keyVariable} to the key that the state was written with; after a key change, also ${oldKeyVariable} to the previous one`,
    },
  );
}

/** Splits a packed state into files that the API accepts; at least one. */
export function chunksOf(bytes: Buffer): Buffer[] {
  const count = Math.max(1, Math.ceil(bytes.length / chunkSize));
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
}

export function corruptStateError(name: string, reason: string, cause?: unknown): LakeformError {
  return new LakeformError(
    "STATE_CORRUPT",
    `the state in the workspace cannot be used: ${reason}`,
    {
      path: name,
      fix: "lakeform state list STACK shows the kept versions, lakeform state rollback STACK NUMBER restores one of them",
      cause,
    },
  );
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
