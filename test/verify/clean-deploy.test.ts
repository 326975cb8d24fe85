import { findingsAfterDeploy } from "./clean-deploy";

test("verify --deep --unmanaged all is clean immediately after a deploy of every kind", async () => {
  expect(await findingsAfterDeploy(1, 4711)).toEqual([]);
});
