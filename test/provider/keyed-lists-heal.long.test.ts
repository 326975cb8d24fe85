import path from "node:path";
import { installProviderMirror } from "../../src/terraform/provider-mirror";
import { deployEdits } from "../support/edited-deploys";
import { makeFolder, removeFolders, repository } from "../support/project";
import { scaled } from "../support/scale";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

/** The body of keyed-lists.official.test.ts, with the embedded provider in the official one's place: it plans by key, so that nothing is inherited. */
describe(`edited lists of jobs, deployed with --heal (LAKEFORM_SEED=${seed})`, () => {
  afterAll(removeFolders);

  test("are as in a new workspace, and a second heal has nothing to do", async () => {
    const mirror = installProviderMirror(makeFolder("stand-in"), path.join(repository, "dist", "provider.js"));
    const { twins, again, inherited } = await deployEdits(mirror.cliConfigFile, scaled(45, 5), seed);
    for (const { edited, fresh } of twins) expect(edited).toEqual(fresh);
    expect(again).toEqual({ code: 0, healed: [] });
    expect(inherited).toBe(0);
  });
});
