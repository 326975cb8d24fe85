import fc from "fast-check";
import { inline, inlinePair } from "../../../src/review/render/values";

const long = fc
  .tuple(fc.string({ maxLength: 300 }), fc.string({ maxLength: 40 }), fc.string({ maxLength: 200 }))
  .map((parts) => parts.join(""));

test("two different values are never shortened to the same string, whether shown separately or as a pair", () => {
  fc.assert(
    fc.property(
      long,
      fc.string({ minLength: 1, maxLength: 5 }),
      fc.nat(400),
      (value, other, index) => {
        const changed = value.slice(0, index) + other + value.slice(index + other.length);
        fc.pre(changed !== value);
        expect(inline(value)).not.toBe(inline(changed));
        const [a, b] = inlinePair(value, changed);
        expect(a).not.toBe(b);
        for (const shortened of [a, b, inline(value)])
          expect(shortened.length).toBeLessThanOrEqual(120);
      },
    ),
  );
});

test("the first difference of two long values is visible", () => {
  const [a, b] = inlinePair(`${"x".repeat(500)}from`, `${"x".repeat(500)}to`);
  expect(a).toContain("from");
  expect(b).toContain("to");
});
