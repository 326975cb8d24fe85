/**
 * Fields that came after provider 1.99.0, with the schema of the newest version: their changes in the
 * workspace are detected and healed.
 */
import { useSchemaFor } from "../../src/resources/shape/schema";
import { fieldTree, leaves } from "./matrix/fields";
import { reasonOutside, type Case, type MatrixKind } from "./matrix/kind";
import { matrixKinds } from "./matrix/kinds";
import { isExpected, openMatrixLab, runMatrix } from "./matrix/run";
import { healMatrix, isHealedAsExpected } from "./matrix/heal";

beforeAll(() => useSchemaFor("1.132.0"));
afterAll(() => useSchemaFor("1.99.0"));

/** Returns a filter for one change of each new field, at the field's first occurrence. */
function selectNewFields(kind: MatrixKind): (testCase: Case) => boolean {
  const knownPaths = new Set(leaves(fieldTree(kind.type, "1.99.0")).map(({ path }) => path));
  const newLeaves = leaves(fieldTree(kind.type, "1.132.0")).filter(
    (leaf) => !knownPaths.has(leaf.path) && reasonOutside(kind, leaf) === undefined,
  );
  const seen = new Set<string>();
  const chosen = new Set(
    newLeaves.flatMap(({ path }) => {
      const field = path.split(".").slice(-2).join(".");
      if (seen.has(field)) return [];
      seen.add(field);
      return [path];
    }),
  );
  return ({ field, variant }) => chosen.has(field) && variant === "changed";
}

test("changes of fields that are new since 1.99.0 are detected", async () => {
  const lab = await openMatrixLab();
  const outcomes = [];
  for (const kind of matrixKinds)
    outcomes.push(...(await runMatrix(lab, kind, selectNewFields(kind))));
  await lab.close();
  expect(outcomes.filter((outcome) => !isExpected(outcome))).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(10);
});

test("changes of fields that are new since 1.99.0 are healed in place", async () => {
  const lab = await openMatrixLab();
  const outcomes = [];
  for (const kind of matrixKinds)
    outcomes.push(...(await healMatrix(lab, kind, selectNewFields(kind))));
  await lab.close();
  expect(outcomes.filter((outcome) => !isHealedAsExpected(outcome))).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(10);
});
