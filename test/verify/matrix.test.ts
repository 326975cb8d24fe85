import { findKind } from "../../src/resources";
import { resourceTypes } from "../../src/resources/shape/schema";
import { readMatrixPage } from "./matrix/docs";
import { moreKinds, noPrerequisites } from "../support/more-kinds";
import { matrixKinds } from "./matrix/kinds";
import { casesOf, reasonOutside } from "./matrix/kind";
import { fieldTree, leaves } from "./matrix/fields";
import { isExpected, openMatrixLab, runMatrix } from "./matrix/run";
import { healMatrix, isHealedAsExpected } from "./matrix/heal";
import { outsideOf } from "./matrix/table";

test("the matrix contains every kind except those in more-kinds.test.ts", () => {
  const elsewhere = moreKinds(noPrerequisites);
  expect([...matrixKinds, ...elsewhere].map(({ type }) => type).sort()).toEqual(
    [...resourceTypes()].sort(),
  );
});

test("each field of the official schema is in the matrix, or in the docs with a reason", () => {
  for (const kind of matrixKinds) {
    const changed = new Set(casesOf(kind).map(({ field }) => field));
    const text = outsideOf(kind).join("\n");
    const uncoveredFields = leaves(fieldTree(kind.type)).filter(
      ({ path }) => !changed.has(path) && !text.includes(`\`${path}\``),
    );
    expect([kind.type, uncoveredFields.map(({ path }) => path)]).toEqual([kind.type, []]);
    for (const row of outsideOf(kind)) expect(readMatrixPage()).toContain(row);
  }
});

test("the fields outside of the matrix that REST never returns are those that verify reports as unverifiable", () => {
  for (const kind of matrixKinds) {
    const fields = leaves(fieldTree(kind.type, "1.132.0"));
    const unreturnedFields = fields.filter(
      (leaf) => reasonOutside(kind, leaf)?.endsWith("reported as unverifiable") === true,
    );
    const byRule = Object.keys(findKind(kind.type)?.rules.unverifiable ?? {});
    expect([kind.type, unreturnedFields.map(({ path }) => path).sort()]).toEqual([
      kind.type,
      byRule.sort(),
    ]);
  }
});

test("a part of the matrix is clean after healing, with unchanged ids", async () => {
  const lab = await openMatrixLab();
  const outcomes = [];
  for (const kind of matrixKinds) {
    const stride = kind.type === "databricks_job" ? 100 : 9;
    outcomes.push(
      ...(await healMatrix(lab, kind, (_change, index) => index % stride === 2 % stride)),
    );
  }
  await lab.close();
  expect(outcomes.filter((outcome) => !isHealedAsExpected(outcome))).toEqual([]);
  expect(outcomes.filter(({ outcome }) => outcome === "healed").length).toBeGreaterThan(60);
});

test("some changes of each kind in the matrix are reported as drift", async () => {
  const lab = await openMatrixLab();
  const outcomes = [];
  for (const kind of matrixKinds) {
    const stride = kind.type === "databricks_job" ? 100 : 9;
    outcomes.push(
      ...(await runMatrix(lab, kind, (_change, index) => index % stride === 1 % stride)),
    );
  }
  await lab.close();
  expect(outcomes.filter((outcome) => !isExpected(outcome))).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(60);
});
