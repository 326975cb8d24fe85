import { killWhileWriting } from "./durability";

it("the workspace loses no acknowledged write when it is killed", async () => {
  const { lostWrites, acknowledged } = await killWhileWriting(3);
  expect(lostWrites).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(15);
});
