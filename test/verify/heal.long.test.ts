import { longScale } from "../support/scale";
import { readMatrixPage } from "./matrix/docs";
import { healMatrix, isHealedAsExpected } from "./matrix/heal";
import { matrixKinds } from "./matrix/kinds";
import { openMatrixLab } from "./matrix/run";
import { healedRowOf } from "./matrix/table";

const stride = Math.max(1, Math.round(1 / longScale));

test.each(matrixKinds.map((kind) => [kind.type, kind] as const))(
  "every change of %s in the matrix is healed under the same id, or listed with its reason",
  async (type, kind) => {
    const lab = await openMatrixLab();
    const outcomes = await healMatrix(
      lab,
      kind,
      type === "databricks_job" ? (_change, index) => index % stride === 0 : undefined,
    );
    await lab.close();
    process.stdout.write(`${healedRowOf(kind, outcomes)}\n`);
    expect(outcomes.filter((outcome) => !isHealedAsExpected(outcome))).toEqual([]);
    // The figures in docs/verify-matrix.md are those of the complete matrix.
    if (stride === 1 || type !== "databricks_job")
      expect(readMatrixPage()).toContain(healedRowOf(kind, outcomes));
  },
);
