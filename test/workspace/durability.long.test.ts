import { scaled } from "../support/scale";
import { killWhileWriting } from "./durability";

it("the workspace loses no acknowledged write in 50 kills", async () => {
  const kills = scaled(50, 5);
  const { wrong, acknowledged } = await killWhileWriting(kills);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(5 * kills);
});
