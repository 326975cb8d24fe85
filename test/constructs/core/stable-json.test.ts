import { createRequire } from "node:module";
import { stableJson } from "../../../constructs/core/stable-json";

/** cdktf's own copy of json-stable-stringify, wherever it is installed. */
const library = createRequire(require.resolve("cdktf"))(
  "json-stable-stringify",
) as typeof stableJson;

describe("JSON with sorted keys", () => {
  const shared = { z: 1, a: 2 };
  const values: readonly unknown[] = [
    undefined,
    null,
    "",
    'a "b"\n\u2028é',
    0,
    Number.NaN,
    false,
    () => 1,
    Symbol("s"),
    [],
    {},
    [[], {}, [[]], undefined, () => 1, null],
    { b: [], a: {}, B: undefined, 10: "ten", 9: "nine", é: 1, "": 2, 'q"': () => 1 },
    [shared, { again: shared }],
    new Date(0),
    { toJSON: () => ({ y: 1, x: [undefined] }) },
    { nested: { toJSON: () => undefined }, next: 1 },
    [{ toJSON: () => undefined }],
    Object.assign(Object.create({ inherited: 1 }) as object, { own: 1 }),
    {
      stacks: { b: { annotations: [], dependencies: ["a"] }, a: { name: "a" } },
      version: "0.21.0",
    },
  ];

  test.each(values.map((value) => [value]))("is that of json-stable-stringify: %p", (value) => {
    expect(stableJson(value, { space: 2 })).toBe(library(value, { space: 2 }));
    expect(stableJson(value)).toBe(library(value));
  });

  test("rejects a cycle with the same message", () => {
    const cycle: Record<string, unknown> = {};
    cycle.list = [cycle];
    for (const stringify of [library, stableJson])
      expect(() => stringify(cycle, { space: 2 })).toThrow("Converting circular structure to JSON");
  });
});
