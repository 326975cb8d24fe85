import { killWhileWriting } from "./durability";

it("loses no acknowledged write to 50 kills", async () => {
  const { wrong, acknowledged } = await killWhileWriting(50);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThan(500);
});
