import { checkLimits } from "../../../constructs/checks/limits";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkLimits({ path: "p", type: "databricks_job", body, json: JSON.stringify(body) }).map(
    ({ code }) => code,
  );

describe("limits", () => {
  const tags = (count: number): Block =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, "x"]));
  test("allow 25 tags", () => {
    expect([check({ tags: tags(25) }), check({ tags: tags(26) })]).toEqual([[], ["TOO_MANY_TAGS"]]);
    const listed = Object.entries(tags(26)).map(([key, value]) => ({ key, value }));
    expect(
      checkLimits({
        path: "p",
        type: "databricks_sql_endpoint",
        body: { tags: { custom_tags: listed } },
        json: "",
      }),
    ).toHaveLength(1);
    expect(
      checkLimits({
        path: "p",
        type: "databricks_cluster",
        body: { custom_tags: tags(26) },
        json: "",
      }),
    ).toHaveLength(1);
  });
  test("restrict the characters and length of tags, and the length of names and descriptions", () => {
    expect(check({ tags: { "a<b": "x" } })).toEqual(["BAD_TAG"]);
    expect(check({ tags: { a: "x".repeat(256) } })).toEqual(["BAD_TAG"]);
    expect(check({ name: "ä".repeat(2049) })).toEqual(["BAD_NAME"]);
    expect(check({ description: "x".repeat(27_701) })).toEqual(["DESCRIPTION_TOO_LONG"]);
  });
});
