import type { Block } from "../../src/resources/shape/schema";
import { validateBlock } from "../../src/provider/validate";

describe("a group of which exactly one field must be set", () => {
  const group = { type: "string", optional: true, exactlyOneOf: ["path", "source"] } as const;
  const block: Block = { attributes: { path: group, source: group }, blocks: {} };
  const details = (config: Record<string, string | null>) =>
    new Set(validateBlock(block, config).map(({ detail }) => detail?.replace(/^"\w+": /, "")));

  it("reports that a field must be set if none is", () =>
    expect(details({ path: null, source: null })).toEqual(
      new Set(["one of `path`, `source` must be specified"]),
    ));

  it("reports how many fields are set if more than one is", () =>
    expect(details({ path: "a", source: "b" })).toEqual(
      new Set(["only one of `path`, `source` can be specified, but 2 are"]),
    ));

  it("accepts one field", () => expect(details({ path: "a", source: null })).toEqual(new Set()));
});
