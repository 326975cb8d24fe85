import { chaos } from "./chaos";

test("150 mixed operations end in exactly the desired state if a fifth of the calls fail", async () => {
  const result = await chaos(150, 7);
  expect(result.actual).toEqual(result.desired);
  expect(result.failedAttempts / result.calls).toBeGreaterThan(0.1);
});
