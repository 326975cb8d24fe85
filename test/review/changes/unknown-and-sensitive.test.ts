import { annotateBoth, show } from "../../../src/review/changes/unknown-and-sensitive";
import { readResourceChange } from "../../../src/review/changes/change";
import type { PlanChange } from "../../../src/review/plan/plan";

const hidden = { $lakeform: "sensitive" };

describe("a value that only one side of a change marks as sensitive", () => {
  it.each([
    ["before", { tags: { owner: true } }, {}],
    ["after", {}, { tags: { owner: true } }],
  ])("is hidden in both if it is marked %s the change", (_, beforeSensitive, afterSensitive) => {
    const values = { id: "1", name: "etl", tags: { owner: "s3cr3t", team: "data" } };
    const change: PlanChange = {
      address: "databricks_job.etl",
      type: "databricks_job",
      name: "etl",
      actions: ["update"],
      before: values,
      after: values,
      afterUnknown: {},
      beforeSensitive,
      afterSensitive,
      replacePaths: [],
    } as unknown as PlanChange;
    const result = readResourceChange(change, undefined, { keyed: {} });
    expect(result?.action).toBe("update");
    expect(JSON.stringify(result)).not.toContain("s3cr3t");
  });

  it("is hidden in an element that has another position on the other side", () => {
    const { before, after } = annotateBoth(
      "databricks_job",
      { value: { parameters: ["s3cr3t", "x"] }, sensitive: {} },
      { value: { parameters: ["x", "s3cr3t"] }, sensitive: { parameters: [false, true] } },
    );
    expect(show(before)).toEqual({ parameters: [hidden, hidden] });
    expect(show(after)).toEqual({ parameters: [hidden, hidden] });
  });

  it("does not hide the values of other fields", () => {
    const { before, after } = annotateBoth(
      "databricks_job",
      { value: { name: "a", tags: { owner: "s3cr3t", team: "data" } }, sensitive: {} },
      {
        value: { name: "b", tags: { owner: "new", team: "data" } },
        unknown: { id: true },
        sensitive: { tags: { owner: true } },
      },
    );
    expect(show(before)).toEqual({ name: "a", tags: { owner: hidden, team: "data" } });
    expect(show(after)).toEqual({
      id: { $lakeform: "unknown" },
      name: "b",
      tags: { owner: hidden, team: "data" },
    });
  });
});

it("marks elements by position if both sides have the same marks", () => {
  const sensitive = { parameters: [false, true] };
  const { before, after } = annotateBoth(
    "databricks_job",
    { value: { parameters: ["x", "s3cr3t"] }, sensitive },
    { value: { parameters: ["y", "s3cr3t"] }, sensitive },
  );
  expect(show(before)).toEqual({ parameters: ["x", hidden] });
  expect(show(after)).toEqual({ parameters: ["y", hidden] });
});
