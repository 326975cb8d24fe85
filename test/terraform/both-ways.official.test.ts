import { applyThenPlan } from "../support/both-ways";
import { officialProvider } from "../support/official-provider";
import { removeFolders } from "../support/project";

/**
 * `npm run test:official`: needs a binary of databricks/databricks 1.99.0, named by
 * TERRAFORM_PROVIDER_OFFICIAL.
 */
describe("the gallery, with the official provider and the embedded one", () => {
  const official = officialProvider();
  afterAll(removeFolders);

  test("applied with the official one, the embedded one plans no changes, and destroys", async () => {
    expect(await applyThenPlan("official", official)).toEqual([]);
  });

  test("applied with the embedded one, the official one plans no changes, and destroys", async () => {
    expect(await applyThenPlan("embedded", official)).toEqual([]);
  });
});
