import fs from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { installProviderMirror } from "../../src/terraform/provider-mirror";
import { deployEdits } from "../support/edited-deploys";
import { makeFolder, removeFolders, repository } from "../support/project";
import { scaled } from "../support/scale";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

/**
 * The test of keyed-lists.official.test.ts, with a stand-in for the official provider. Like that
 * provider, the stand-in plans lists by position.
 */
describe(`edits of the lists in jobs, planned by position and healed (LAKEFORM_SEED=${seed})`, () => {
  afterAll(removeFolders);

  test("give the same jobs as a first deploy to a new workspace, and a second heal changes nothing", async () => {
    const folder = makeFolder("positional");
    const entry = path.join(folder, "provider.js");
    const source = path.join(repository, "test", "support", "positional-provider.ts");
    await esbuild.build({
      entryPoints: [source],
      bundle: true,
      platform: "node",
      target: "node20",
      outfile: entry,
      logLevel: "warning",
    });
    const schemas = path.join("src", "resources", "schema");
    fs.cpSync(path.join(repository, schemas), path.join(folder, schemas), { recursive: true });
    const { cliConfigFile } = installProviderMirror(folder, entry);
    const { pairs, secondDeploy, inherited } = await deployEdits(
      cliConfigFile,
      scaled(45, 3),
      seed,
    );
    for (const { edited, fresh } of pairs) expect(edited).toEqual(fresh);
    expect(secondDeploy).toEqual({ code: 0, healed: [] });
    // Some edits did cause inherited values; otherwise the test proves nothing.
    expect(inherited).toBeGreaterThan(0);
  });
});
