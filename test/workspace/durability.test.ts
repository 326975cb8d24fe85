import { killWhileWriting } from "./durability";

it("the workspace loses no acknowledged write in kill -9", async () => {
  const { wrong, acknowledged } = await killWhileWriting(3);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(15);
});
