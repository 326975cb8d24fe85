import fs from "node:fs";
import type { Scenario } from "../scenario";
import { makeVerifyLab, runVerify, type VerifyLab } from "../verify-lab";
import { end } from "./workspace";

const stacks = Number(process.env.LAKEFORM_BENCH_STACKS ?? "10");

/** The sizes of large users: the time goes into reading states and lists, the memory into what is kept of them. */
export const scenario: Scenario<VerifyLab> = {
  title: `${stacks} stacks of 1,000 jobs of 10 tasks, nothing changed`,
  baseline: "lakeform verify",
  warmup: 0,
  repeats: Number(process.env.LAKEFORM_BENCH_REPEATS ?? "3"),
  setup: () => makeVerifyLab(stacks, 1000),
  teardown: async ({ served, root }) => {
    await end(served);
    for (const left of [root, `${root}-report.json`, `${root}-peak.txt`]) fs.rmSync(left, { recursive: true, force: true });
  },
  variants: [{ name: "lakeform verify", run: (lab) => Promise.resolve(runVerify(lab)) }],
};
