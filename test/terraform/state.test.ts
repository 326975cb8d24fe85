import { parseState } from "../../src/terraform/state";

describe("parseState", () => {
  const good = JSON.stringify({ version: 4, serial: 3, lineage: "a", resources: [] });

  test("reads a state of format 4", () => {
    expect(parseState(good, "x.tfstate")).toMatchObject({ serial: 3, resources: [] });
  });

  test.each([
    ["truncated", good.slice(0, 20)],
    ["of an older format", JSON.stringify({ version: 3, modules: [] })],
    ["no object", "null"],
  ])("rejects a state that is %s, and never tells to delete it", (_what, text) => {
    expect(() => parseState(text, "x.tfstate")).toThrow(
      expect.objectContaining({
        code: "BROKEN_STATE",
        details: expect.objectContaining({ value: "x.tfstate", fix: expect.stringContaining("do not delete it") as string }) as unknown,
      }) as Error,
    );
  });
});
