import path from "node:path";
import { applyThenPlan, mirrorOf } from "../support/both-ways";
import { removeFolders } from "../support/project";

/** `npm run test:official`: needs a binary of databricks/databricks 1.99.0, named by TERRAFORM_PROVIDER_OFFICIAL. */
describe("the gallery, with the official provider and the embedded one", () => {
  const binary = process.env.TERRAFORM_PROVIDER_OFFICIAL;
  if (binary === undefined) throw new Error("TERRAFORM_PROVIDER_OFFICIAL is not set: npm run test:official");
  const official = mirrorOf(path.resolve(binary));
  afterAll(removeFolders);

  test("applied with the official one, the embedded one plans no changes, and destroys", async () => {
    expect(await applyThenPlan("official", official)).toEqual([]);
  });

  test("applied with the embedded one, the official one plans no changes, and destroys", async () => {
    expect(await applyThenPlan("embedded", official)).toEqual([]);
  });
});
