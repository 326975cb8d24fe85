import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { openPlanFile } from "../../../src/review/plan/plan-file";
import { job, planOf, task } from "../plans";

describe("a plan that is read from a file", () => {
  let folder: string;
  const write = (text: string): string => {
    const file = path.join(folder, "plan.json");
    fs.writeFileSync(file, text);
    return file;
  };
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-plan-"));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  it("reads quotes and backslashes in strings wherever a chunk of the file ends", () => {
    const tricky = { ...job("end \\", [task("a")]), description: '\\"'.repeat(9) + "\\\\" };
    const plan = planOf([
      {
        type: "databricks_job",
        name: "x",
        before: tricky,
        after: { ...tricky, max_concurrent_runs: 2 },
      },
    ]);
    const text = JSON.stringify(plan);
    const chunk = 1 << 20;
    const start = text.indexOf('"description"');
    for (let shift = 0; shift < 70; shift++) {
      // Leading white space moves the string over the border between two chunks.
      const file = write(" ".repeat(chunk - start - shift) + text);
      expect([...openPlanFile(file).changes]).toMatchObject([
        { before: { description: tricky.description }, after: { max_concurrent_runs: 2 } },
      ]);
    }
  });
});
