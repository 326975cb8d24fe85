import fs from "node:fs";
import path from "node:path";
import { isEncrypted, secretsOfEncryption } from "../../src/terraform/encryption";
import { readState } from "../../src/terraform/state";
import { stateHead } from "../../src/terraform/state-file";
import { parseState } from "../../src/terraform/state-format";
import { findDamagedState } from "../../src/terraform/state-repair";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";

/** An encrypted state as OpenTofu 1.10.7 writes it, shortened. */
const encryptedState =
  '{"serial":7,"lineage":"9d1c","meta":{"key_provider.pbkdf2.k":"eyJzYWx0Ijoi"},"encrypted_data":"kzU0bQ==","encryption_version":"v0"}';
const plainState =
  '{\n  "version": 4,\n  "terraform_version": "1.10.7",\n  "serial": 1,\n  "lineage": "l",\n  "resources": []\n}\n';

describe("states that OpenTofu encrypts", () => {
  afterAll(removeFolders);

  const directory = makeFolder("encrypted");
  const file = path.join(directory, "terraform.tfstate");
  const stack = {
    name: "etl-local",
    directory,
    json: {},
    metadata: {},
  } as unknown as SynthesizedStack;
  const engine = { name: "terraform", binary: "terraform", version: "1.11.4" } as const;
  const context = { engine, directory, env: {}, credentials: {}, variables: {}, mirror: undefined };

  test("are recognised by their first bytes, and their serial and lineage can be read", () => {
    fs.writeFileSync(file, encryptedState);
    expect([
      isEncrypted(Buffer.from(encryptedState)),
      isEncrypted(Buffer.from(plainState)),
    ]).toEqual([true, false]);
    expect(stateHead(file)).toMatchObject({ serial: 7, lineage: "9d1c" });
  });

  test("are rejected if Terraform would have to read them, or if only their content is known", async () => {
    fs.writeFileSync(file, encryptedState);
    await expect(readState(context, stack)).rejects.toMatchObject({ code: "STATE_ENCRYPTION" });
    expect(() => parseState(encryptedState, "FILE")).toThrow("the state is encrypted by OpenTofu");
  });

  test("are not treated as damaged; a damaged one is not replaced while its backup is encrypted", () => {
    fs.writeFileSync(file, encryptedState);
    expect(findDamagedState(context, stack)).toBeUndefined();
    fs.writeFileSync(file, encryptedState.slice(0, 60));
    expect(findDamagedState(context, stack)).toMatchObject({ file });
    fs.writeFileSync(`${file}.backup`, encryptedState);
    expect(findDamagedState(context, stack)).toBeUndefined();
  });

  test("have passphrases that are hidden in both notations of TF_ENCRYPTION", () => {
    const hcl =
      'key_provider "pbkdf2" "k" {\n passphrase = "one two three"\n}\nmethod "aes_gcm" "m" {}';
    const json = '{"key_provider":{"static":{"k":{"key":"abcdef"}}}}';
    expect([hcl, json].map((text) => secretsOfEncryption({ TF_ENCRYPTION: text }))).toEqual([
      ["one two three"],
      ["abcdef"],
    ]);
  });
});
