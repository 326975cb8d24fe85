import { chaos } from "./chaos";

test.each([1, 20, 300])(
  "1,000 mixed operations with a fifth of the calls failing end in exactly the desired state (seed %d)",
  async (seed) => {
    const result = await chaos(1000, seed);
    expect(result.actual).toEqual(result.desired);
    expect(result.failedAttempts / result.calls).toBeGreaterThan(0.1);
  },
);
