import { chaos } from "./chaos";

test("150 mixed operations with a fifth of the calls failing end in exactly the desired state", async () => {
  const result = await chaos(150, 7);
  expect(result.found).toEqual(result.wished);
  expect(result.failedAttempts / result.calls).toBeGreaterThan(0.1);
});
