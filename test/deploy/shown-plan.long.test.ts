/**
 * A plan file without the resources in its states and configuration gives a review the same data.
 */
import fs from "node:fs";
import path from "node:path";
import { planWithoutResources } from "../../src/resources/cut/saved-plan";
import { openPlanFile } from "../../src/review/plan/plan-file";
import type { JsonObject } from "../support/replay-format";
import { Stack } from "../support/stack";

describe("a plan file reduced to its changes", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.open();
  });
  afterAll(() => stack.close());

  const job = (name: string, fields: JsonObject = {}): JsonObject => ({
    name,
    task: [
      {
        task_key: "a",
        notebook_task: { notebook_path: "/Shared/a", base_parameters: { token: "${var.token}" } },
      },
    ],
    ...fields,
  });
  const otherSections = (output: string): JsonObject => ({
    variable: {
      token: { type: "string", sensitive: true, default: "secret-value" },
      runs: { type: "number", default: 3 },
    },
    output: { name: { value: output }, hidden: { value: "${var.token}", sensitive: true } },
    check: {
      named: {
        assert: [{ condition: '${databricks_job.a.name != ""}', error_message: "no name" }],
      },
    },
    data: { databricks_current_user: { me: {} } },
  });

  /**
   * Returns the parts of a plan that a review reads, from the complete file and from the file
   * without resources.
   */
  async function planFacts(
    ...words: string[]
  ): Promise<readonly [whole: JsonObject, changes: JsonObject, bytes: readonly [number, number]]> {
    const inStackFolder = (name: string): string => path.join(stack.directory.path, name);
    const { code, errors } = await stack.plan("-out=saved.tfplan", "-detailed-exitcode", ...words);
    expect([code, errors]).toEqual([2, []]);
    fs.writeFileSync(
      inStackFolder("changes.tfplan"),
      planWithoutResources(inStackFolder("saved.tfplan")) ?? "",
    );
    const plans = await Promise.all(
      ["saved.tfplan", "changes.tfplan"].map(async (name) => {
        const { stdout } = await stack.directory.terraform(["show", "-json", name]);
        fs.writeFileSync(inStackFolder(`${name}.json`), stdout);
        const { changes, ...others } = openPlanFile(inStackFolder(`${name}.json`));
        return {
          facts: JSON.parse(JSON.stringify({ ...others, changes: [...changes] })) as JsonObject,
          bytes: stdout.length,
        };
      }),
    );
    const [fullPlan, reducedPlan] = plans;
    if (fullPlan === undefined || reducedPlan === undefined) throw new Error("not shown");
    return [fullPlan.facts, reducedPlan.facts, [fullPlan.bytes, reducedPlan.bytes]];
  }

  test("has the same changes, drift, outputs, variables and checks as the complete plan file", async () => {
    const jobs = {
      a: job("a"),
      b: job("b", { description: "d" }),
      c: job("c"),
      d: job("d"),
      gone: job("gone"),
    };
    stack.write(
      { databricks_job: jobs, databricks_secret_scope: { s: { name: "s" } } },
      otherSections("${databricks_job.b.name}"),
    );
    const [firstFacts, reducedFacts] = await planFacts();
    expect(reducedFacts).toEqual(firstFacts);
    expect(firstFacts["changes"]).toHaveLength(6);
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });

    const id = Number(stack.state()["databricks_job.c"]?.["id"]);
    await stack.call("POST", "/api/2.2/jobs/update", {
      job_id: id,
      new_settings: { max_concurrent_runs: 9 },
    });
    const { gone: _gone, d, ...remainingJobs } = jobs;
    stack.write(
      {
        databricks_job: { ...remainingJobs, a: job("a", { max_concurrent_runs: 5 }), moved: d },
        databricks_secret_scope: { s: { name: "other" } },
      },
      {
        ...otherSections("${databricks_job.a.url}"),
        moved: [{ from: "databricks_job.d", to: "databricks_job.moved" }],
      },
    );
    for (const words of [
      [],
      ["-target=databricks_job.a", "-target=databricks_job.d", "-target=databricks_job.moved"],
      ["-destroy"],
      ["-refresh-only"],
    ]) {
      const [fullFacts, reducedFacts, [fullSize, reducedSize]] = await planFacts(...words);
      expect([words, reducedFacts]).toEqual([words, fullFacts]);
      expect(reducedSize).toBeLessThan(fullSize);
    }
  }, 120_000);
});
