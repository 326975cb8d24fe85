import { Catalog, Group } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("catalog", () => {
  test("renders its properties and grants", () => {
    const { resourceOf } = synth((stack) => {
      const catalog = new Catalog(stack, "catalog", {
        name: "main",
        comment: "c",
        properties: { a: "b" },
        isolationMode: "OPEN",
      });
      catalog.grants.use(Group.named("analysts"));
      expect([defaultChild(catalog), catalog.name]).toEqual(["databricks_catalog", "main"]);
    });
    expect(resourceOf("databricks_catalog")).toEqual({
      name: "main",
      comment: "c",
      properties: { a: "b" },
      isolation_mode: "OPEN",
    });
    expect(resourceOf("databricks_grant")).toMatchObject({
      principal: "analysts",
      privileges: ["USE_CATALOG"],
    });
  });
  test("has connection options if it is a foreign catalog", () => {
    const { resourceOf } = synth(
      (stack) =>
        new Catalog(stack, "c", {
          name: "pg",
          connection: { name: "postgres", options: { database: "d" } },
        }),
    );
    expect(resourceOf("databricks_catalog")).toEqual({
      name: "pg",
      connection_name: "postgres",
      options: { database: "d" },
    });
  });
  test("rejects invalid names and accepts valid ones", () => {
    expect(codes((stack) => new Catalog(stack, "c", { name: "a.b" }))).toEqual(["BAD_NAME"]);
    expect(() => Catalog.fromName("a b")).toThrow("invalid character");
    expect(Catalog.fromName("main").renderName()).toBe("main");
  });
});
