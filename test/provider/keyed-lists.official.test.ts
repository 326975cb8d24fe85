import { deployEdits } from "../support/edited-deploys";
import { officialProvider } from "../support/official-provider";
import { removeFolders } from "../support/project";
import { scaled } from "../support/scale";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");

/**
 * The official provider plans lists by position, so this test checks that inherited values are
 * healed.
 */
describe(`edited lists of jobs with the official provider (LAKEFORM_SEED=${seed})`, () => {
  const official = officialProvider();
  afterAll(removeFolders);

  test("give the same jobs as a new workspace after deploy --heal, and a second heal has nothing to do", async () => {
    const { pairs, secondDeploy, inherited } = await deployEdits(official, scaled(45, 10), seed);
    for (const { edited, fresh } of pairs) expect(edited).toEqual(fresh);
    expect(secondDeploy).toEqual({ code: 0, healed: [] });
    // The test is meaningless if no values were inherited.
    expect(inherited).toBeGreaterThan(0);
  });
});
