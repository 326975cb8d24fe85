import fs from "node:fs";
import { baselineCommit, buildBaseline } from "../baseline";
import type { Scenario } from "../scenario";
import { makeVerifyLab, removeVerifyLab, runVerify, type VerifyLab } from "../verify-lab";
import { makePlans, reviewPlan, type Context } from "./review";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "400");

interface Labs {
  readonly lab: VerifyLab;
  readonly plans: Context;
}

/**
 * Returns variants that run the same work with two builds. Its `cpuSeconds` vary less than wall
 * time on a busy machine.
 */
function bothBuilds(
  name: string,
  work: (context: Labs, checkout?: string) => Readonly<Record<string, number>>,
): readonly Scenario<Labs>["variants"][number][] {
  const baseline = `${name}, ${baselineCommit}`;
  return [
    {
      name: baseline,
      run: (context) => Promise.resolve(work(context, buildBaseline())),
      against: baseline,
    },
    { name, run: (context) => Promise.resolve(work(context)), against: baseline },
  ];
}

export const scenario: Scenario<Labs> = {
  title: `verify and review of ${jobs} jobs of 10 tasks: this build and commit ${baselineCommit}`,
  baseline: `verify, ${baselineCommit}`,
  repeats: Number(process.env.LAKEFORM_BENCH_REPEATS ?? "9"),
  setup: async () => ({ lab: await makeVerifyLab(1, jobs), plans: makePlans([jobs]) }),
  teardown: async ({ lab, plans }) => {
    await removeVerifyLab(lab);
    fs.rmSync(plans.folder, { recursive: true, force: true });
  },
  variants: [
    ...bothBuilds("verify", ({ lab }, checkout) => runVerify(lab, [], checkout)),
    ...bothBuilds("verify --deep", ({ lab }, checkout) => runVerify(lab, ["--deep"], checkout)),
    ...bothBuilds("review", ({ plans }, checkout) => reviewPlan(plans, jobs, "stream", checkout)),
  ],
};
