import { Catalog, Schema } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("schema", () => {
  test("belongs to a catalog of this stack or an existing one", () => {
    const { resourcesOf } = synth((stack) => {
      const catalog = new Catalog(stack, "catalog", { name: "main" });
      const schema = new Schema(stack, "ours", { catalog, name: "gold", comment: "c" });
      expect([defaultChild(schema), schema.fullName]).toEqual(["databricks_schema", "main.gold"]);
      new Schema(stack, "theirs", { catalog: Catalog.fromName("other"), name: "gold" });
    });
    expect(resourcesOf("databricks_schema").map((schema) => schema.catalog_name)).toEqual([
      expect.stringMatching(/databricks_catalog/),
      "other",
    ]);
  });
  test("is named with its catalog if it exists already", () => {
    expect(Schema.fromName("main.gold").renderCatalogName()).toBe("main");
    expect(() => Schema.fromName("gold")).toThrow("includes its catalog");
    expect(() => Schema.fromName("a.b.c")).toThrow("includes its catalog");
  });
  test("rejects an invalid name", () => {
    expect(
      codes((stack) => new Schema(stack, "s", { catalog: Catalog.fromName("main"), name: "" })),
    ).toEqual(["BAD_NAME"]);
  });
});
