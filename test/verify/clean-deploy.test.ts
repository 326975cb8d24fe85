import { foundAfterDeploy } from "./clean-deploy";

test("right after a clean deploy of every kind, verify --deep --unmanaged all is clean", async () => {
  expect(await foundAfterDeploy(1, 4711)).toEqual([]);
});
