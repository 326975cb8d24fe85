import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { providerEntry } from "../../src/terraform/provider-mirror";
import { makeFolder, removeFolders, repository } from "../support/project";

/**
 * Tests `npm run test:official` with stand-ins for the official provider, which cannot be a
 * dependency.
 */
describe("npm run test:official", () => {
  afterAll(removeFolders);

  const run = (provider?: string): { code: number | null; text: string } => {
    const { TERRAFORM_PROVIDER_OFFICIAL: _, LAKEFORM_TESTS: __, ...env } = process.env;
    // The stand-in plans lists by key, without the inherited values of the official provider
    // (keyed-lists.official.test.ts).
    const words = [
      path.join(repository, "scripts", "test.mjs"),
      "official",
      "test/terraform/both-ways.official.test.ts",
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      env: { ...env, ...(provider !== undefined && { TERRAFORM_PROVIDER_OFFICIAL: provider }) },
      encoding: "utf8",
    });
    return { code: status, text: stdout + stderr };
  };
  /**
   * Writes a binary with the official name, which runs the embedded provider.
   * @param prelude code that runs first
   */
  const writeStandIn = (prelude: string): string => {
    const file = path.join(makeFolder("stand-in"), "terraform-provider-databricks");
    fs.writeFileSync(
      file,
      `#!/usr/bin/env node\n${prelude}\nrequire(${JSON.stringify(providerEntry())});\n`,
      { mode: 0o755 },
    );
    return file;
  };

  test("reports that it did not run without a binary, and does not fail", () => {
    expect(run()).toMatchObject({ code: 0, text: expect.stringContaining("NOT RUN") as string });
  });

  test("fails for a binary that does not exist", () => {
    expect(run("/nowhere/terraform-provider-databricks")).toMatchObject({
      code: 1,
      text: expect.stringContaining("/nowhere") as string,
    });
  });

  test("passes with a provider that writes the same states", () => {
    const { code, text } = run(writeStandIn(""));
    if (code !== 0) throw new Error(text);
    expect(text).toMatch(/2 passed/);
  });

  test("fails with a provider that does not start", () => {
    const { code, text } = run(writeStandIn("process.exit(3);"));
    expect(code).toBe(1);
    expect(text).toMatch(/2 failed/);
  });
});
