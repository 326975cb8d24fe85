import { killWhileWriting } from "./durability";

it("the workspace loses no acknowledged write when it is killed", async () => {
  const { lostWrites: wrong, acknowledged } = await killWhileWriting(3);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(15);
});
