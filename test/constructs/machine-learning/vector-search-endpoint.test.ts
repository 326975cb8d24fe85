import { VectorSearchEndpoint } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("vector search endpoint", () => {
  test("has the type STANDARD by default", () => {
    const { resourceOf } = synth((stack) => {
      const search = new VectorSearchEndpoint(stack, "s", {
        name: "docs",
        timeouts: { create: "1h" },
      });
      expect([defaultChild(search), VectorSearchEndpoint.fromName("old").renderName()]).toEqual([
        "databricks_vector_search_endpoint",
        "old",
      ]);
    });
    expect(resourceOf("databricks_vector_search_endpoint")).toEqual({
      name: "docs",
      endpoint_type: "STANDARD",
      timeouts: { create: "1h" },
    });
  });
  test("rejects a name with a dot", () => {
    expect(codes((stack) => new VectorSearchEndpoint(stack, "s", { name: "a.b" }))).toEqual([
      "BAD_NAME",
    ]);
    expect(() => VectorSearchEndpoint.fromName("a.b")).toThrow("invalid name");
  });
});
