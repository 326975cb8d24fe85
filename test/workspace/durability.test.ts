import { killWhileWriting } from "./durability";

it("loses no acknowledged write to kill -9", async () => {
  const { wrong, acknowledged } = await killWhileWriting(3);
  expect(wrong).toEqual([]);
  expect(acknowledged).toBeGreaterThanOrEqual(15);
});
