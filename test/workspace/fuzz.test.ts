import { fuzzWorkspace } from "./fuzz";

it("the workspace handles random calls without a 5xx, a crash or an effect outside of its data", async () => {
  expect(await fuzzWorkspace(200, 20_261_123)).toEqual([]);
});
