import { scaled } from "../support/scale";
import { killWhileWriting } from "./durability";

it("loses no acknowledged write to 50 kills", async () => {
  const kills = scaled(50, 5);
  const { wrong, acknowledged } = await killWhileWriting(kills);
  expect(wrong).toEqual([]);
  // Enough for the test to mean something; the few kills of a reduced run can all come early.
  expect(acknowledged).toBeGreaterThan(kills === 50 ? 500 : kills);
});
