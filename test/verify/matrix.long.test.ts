import { longScale } from "../support/scale";
import { matrixKinds } from "./matrix/kinds";
import { isExpected, openMatrixLab, runMatrix } from "./matrix/run";
import { rowOf, tableOf } from "./matrix/table";
import { readMatrixPage } from "./matrix/docs";

const rows: string[] = [];
afterAll(() => process.stdout.write(`mutation matrix:\n${tableOf(rows)}\n`));

const stride = Math.max(1, Math.round(1 / longScale));

test.each(matrixKinds.map((kind) => [kind.type, kind] as const))(
  "verify reports a change of every field of %s that REST can change, and nothing else",
  async (_type, kind) => {
    const lab = await openMatrixLab();
    // Jobs have four fifths of all changes, so with LAKEFORM_LONG_SCALE < 1 only a part of them is tested.
    const outcomes = await runMatrix(
      lab,
      kind,
      kind.type === "databricks_job" ? (_outcome, index) => index % stride === 0 : undefined,
    );
    await lab.close();
    rows.push(rowOf(kind.type, outcomes));
    expect(outcomes.filter((outcome) => !isExpected(outcome))).toEqual([]);
    // The figures in docs/verify-matrix.md are those of the complete matrix.
    if (stride === 1 || kind.type !== "databricks_job")
      expect(readMatrixPage()).toContain(rowOf(kind.type, outcomes));
  },
);
