import { defined } from "../src/defined";

describe("defined", () => {
  test("keeps the order of the fields and every value but undefined", () => {
    const fields = defined({
      b: undefined,
      a: 0,
      c: "",
      d: null,
      e: false,
      f: undefined as number | undefined,
    });
    expect(Object.entries(fields)).toEqual([
      ["a", 0],
      ["c", ""],
      ["d", null],
      ["e", false],
    ]);
  });

  test("does not replace a value by undefined in a spread", () => {
    const changes: { readonly name: string | undefined } = { name: undefined };
    expect({ name: "kept", ...defined(changes) }).toEqual({ name: "kept" });
  });

  test("makes only the fields that may be undefined optional", () => {
    const maybe = "x" as string | undefined;
    const fields: { name: string; comment?: string } = defined({ name: "a", comment: maybe });
    // @ts-expect-error: comment may be absent
    const comment: string = defined({ comment: maybe }).comment;
    expect([fields, comment]).toEqual([{ name: "a", comment: "x" }, "x"]);
  });
});
