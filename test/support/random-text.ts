import fc from "fast-check";

/**
 * Generates any character, like the unit "binary" of fast-check. That unit first creates a map of
 * all code points, which takes 2 s of processor time.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map(
    (codePoint) => String.fromCodePoint(codePoint),
    (character) => {
      const [codePoint, second] = Array.from(String(character), (each) => each.codePointAt(0));
      if (codePoint === undefined || second !== undefined) throw new Error("not one character");
      return codePoint;
    },
  );
