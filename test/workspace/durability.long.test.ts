import { scaled } from "../support/scale";
import { killWhileWriting } from "./durability";

it("loses no acknowledged write to 50 kills", async () => {
  const kills = scaled(50, 5);
  const { wrong, acknowledged } = await killWhileWriting(kills);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(5 * kills);
});
