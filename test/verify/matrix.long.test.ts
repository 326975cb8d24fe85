import { longScale } from "../support/scale";
import { matrixKinds } from "./matrix/kinds";
import { good, openMatrixLab, runMatrix } from "./matrix/run";
import { rowOf, tableOf } from "./matrix/table";
import { documented } from "./matrix/docs";

const rows: string[] = [];
afterAll(() => process.stdout.write(`mutation matrix:\n${tableOf(rows)}\n`));

const every = Math.max(1, Math.round(1 / longScale));

test.each(matrixKinds.map((kind) => [kind.type, kind] as const))(
  "%s: every field that REST lets one change is seen, and nothing else is",
  async (_type, kind) => {
    const lab = await openMatrixLab();
    // Jobs alone are four fifths of all changes: only of them a part is left out at reduced size.
    const outcomes = await runMatrix(lab, kind, kind.type === "databricks_job" ? (_one, at) => at % every === 0 : undefined);
    await lab.close();
    rows.push(rowOf(kind.type, outcomes));
    expect(outcomes.filter((one) => !good(one))).toEqual([]);
    // The figures of docs/verify.md are those of the whole matrix.
    if (every === 1 || kind.type !== "databricks_job") expect(documented()).toContain(rowOf(kind.type, outcomes));
  },
);
