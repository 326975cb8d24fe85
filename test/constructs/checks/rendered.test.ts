import { blocks, errorOf, isReference, number, text } from "../../../constructs/checks/rendered";
import type { Block } from "../../../constructs/checks/rendered";

describe("rendered resources", () => {
  test("have a single block as an object, and several as a list", () => {
    const body: Block = { one: { a: 1 }, many: [{ a: 1 }, { a: 2 }], none: "text" };
    expect(["one", "many", "none", "missing"].map((name) => blocks(body, name).length)).toEqual([
      1, 2, 0, 0,
    ]);
    expect([text(body, "none"), number(body, "none"), isReference("${a}")]).toEqual([
      "text",
      undefined,
      true,
    ]);
  });
  test("locate a finding at their construct, or at its position below the construct", () => {
    const resource = { path: "dev/job", type: "databricks_job", body: {}, json: "{}" };
    const finding = { code: "X", message: "m", fix: "f" };
    expect(
      [finding, { ...finding, position: "task" }].map((item) => errorOf(resource, item).details),
    ).toMatchObject([
      { path: "dev/job", fix: "f" },
      { path: "dev/job/task", fix: "f" },
    ]);
  });
});
