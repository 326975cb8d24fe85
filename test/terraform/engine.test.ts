import fs from "node:fs";
import path from "node:path";
import { findEngine, missingAbilities } from "../../src/terraform/engine";
import { makeFolder, removeFolders } from "../support/project";

function writeExecutable(name: string, script: string): string {
  const file = path.join(makeFolder("engine"), name);
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

const versionOutput = (version: string): string => `echo '{"terraform_version":"${version}"}'`;

describe("findEngine", () => {
  afterAll(removeFolders);

  test("finds the terraform installed on this machine", async () => {
    const engine = await findEngine({ PATH: process.env.PATH });
    expect(engine.name).toBe("terraform");
    expect(engine.version).toMatch(/^1\.\d+\.\d+/);
    expect(path.isAbsolute(engine.binary)).toBe(true);
  });

  test("starts a program once for its version, but a version manager's script each time", async () => {
    const calls = path.join(makeFolder("engine"), "calls");
    const script = (version: string): string =>
      `echo x >>${calls}; ${versionOutput(version)}; exit`;
    const file = writeExecutable("terraform", script("1.8.2"));
    const env = { PATH: "/bin", TERRAFORM_BINARY_NAME: file };
    const versions = [await findEngine(env), await findEngine(env)];
    fs.appendFileSync(file, " ".repeat(2e6));
    versions.push(await findEngine(env), await findEngine(env));
    expect(fs.readFileSync(calls, "utf8")).toBe("x\nx\nx\n");
    fs.writeFileSync(file, `#!/bin/sh\n${script("1.9.0")}\n${" ".repeat(2e6)}`);
    versions.push(await findEngine(env));
    expect(versions.map(({ version }) => version)).toEqual([
      ...Array.from({ length: 4 }, () => "1.8.2"),
      "1.9.0",
    ]);
  });

  test("uses tofu if terraform is not installed", async () => {
    const tofu = writeExecutable("tofu", versionOutput("1.9.0"));
    expect(await findEngine({ PATH: path.dirname(tofu) + ":/bin" })).toEqual({
      name: "tofu",
      binary: tofu,
      version: "1.9.0",
    });
  });

  test("recognises OpenTofu under another file name", async () => {
    const script = `case "$*" in *-json*) ${versionOutput("1.10.7")};; *) echo "OpenTofu v1.10.7";; esac`;
    const link = writeExecutable("tf", script);
    expect(await findEngine({ PATH: "/bin", TERRAFORM_BINARY_NAME: link })).toEqual({
      name: "tofu",
      binary: link,
      version: "1.10.7",
    });
  });

  test.each([
    ["terraform", "1.5.7", ["removed blocks (needs 1.7.0)", "write-only arguments (needs 1.11.0)"]],
    ["terraform", "1.11.4", []],
    ["tofu", "1.6.2", ["removed blocks (needs 1.7.0)", "write-only arguments (needs 1.11.0)"]],
    ["tofu", "1.10.7", ["write-only arguments (needs 1.11.0)"]],
    ["tofu", "1.11.0", []],
  ] as const)("lists the features that %s %s lacks", (name, version, missing) => {
    expect(missingAbilities({ name, version })).toEqual(missing);
  });

  test("uses TERRAFORM_BINARY_NAME first, as a name or a path", async () => {
    const otherBinary = writeExecutable("tf-custom", versionOutput("1.8.2"));
    expect(
      (await findEngine({ PATH: process.env.PATH, TERRAFORM_BINARY_NAME: otherBinary })).binary,
    ).toBe(otherBinary);
  });

  test("rejects a machine without an engine, and explains how to install one", async () => {
    await expect(findEngine({ PATH: makeFolder() })).rejects.toMatchObject({
      code: "NO_ENGINE",
      details: { fix: expect.stringContaining("install Terraform") as string },
    });
  });

  test("rejects an engine that is too old", async () => {
    const oldBinary = writeExecutable("terraform", versionOutput("1.4.6"));
    await expect(
      findEngine({ PATH: "/bin", TERRAFORM_BINARY_NAME: oldBinary }),
    ).rejects.toMatchObject({
      code: "ENGINE_TOO_OLD",
      details: { value: `${oldBinary} 1.4.6`, allowed: "1.5.0 or newer" },
    });
  });

  test("rejects an executable that is not Terraform", async () => {
    const otherProgram = writeExecutable("terraform", "echo hello");
    await expect(
      findEngine({ PATH: "/bin", TERRAFORM_BINARY_NAME: otherProgram }),
    ).rejects.toMatchObject({ code: "ENGINE_BROKEN" });
  });
});
