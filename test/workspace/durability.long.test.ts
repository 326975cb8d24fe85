import { scaled } from "../support/scale";
import { killWhileWriting } from "./durability";

it("the workspace loses no acknowledged write when it is killed", async () => {
  const kills = scaled(50, 5);
  const { lostWrites, acknowledged } = await killWhileWriting(kills);
  expect(lostWrites).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(5 * kills);
});
