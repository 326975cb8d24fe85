import { fuzzWorkspace } from "./fuzz";

it("the workspace handles random calls without a 5xx, a crash or a file outside its folder", async () => {
  expect(await fuzzWorkspace(200, 20_261_123)).toEqual([]);
});
