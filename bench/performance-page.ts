/** docs/performance.md, from the figures of one run. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { measuredCommit } from "./baseline";
import type { Figures } from "./scenario";

interface Run {
  /** Jobs in the comparison with the earlier commit. */
  readonly size: number;
  /** Jobs in the stacks that growth is fitted over. */
  readonly sizes: readonly number[];
  readonly reviewed: number;
  readonly baseline: string;
}

type Medians = Readonly<Record<string, Readonly<Figures>>>;

interface Row {
  readonly what: string;
  readonly before: number;
  readonly now: number;
  readonly unit: "s" | "MB";
  /** `before / now` has to be at least this. */
  readonly atLeast?: number;
  /** `now / before` may be this, at most. */
  readonly atMost?: number;
}

const file = path.join(__dirname, "..", "docs", "performance.md");

export function writePerformance(medians: Medians, run: Run): void {
  const earlier = medians[run.baseline] ?? {};
  const now = medians["lakeform"] ?? {};
  const machine = `${os.cpus().length} cores (${os.cpus()[0]?.model ?? "unknown"}), ${Math.round(os.totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  const jobs =
    process.env.LAKEFORM_BENCH_JOBS === undefined
      ? ""
      : `LAKEFORM_BENCH_JOBS=${process.env.LAKEFORM_BENCH_JOBS} `;
  const rounds =
    process.env.LAKEFORM_BENCH_ROUNDS === undefined
      ? ""
      : `LAKEFORM_BENCH_ROUNDS=${process.env.LAKEFORM_BENCH_ROUNDS} `;
  const text = `# Performance

Jobs have ten tasks each; the workspace is the local one, on the same machine. *Before* is commit ${run.baseline}, *now* commit ${measuredCommit()}, measured in the same run. Written by

\`\`\`sh
${rounds}${jobs}npm run bench -- deploy --write
\`\`\`

on ${new Date().toISOString().slice(0, 10)}: ${machine}, load ${os.loadavg()[0]?.toFixed(1) ?? ""} at the end. Processor time is that of all processes together, peak memory what they hold at the same time.

## Against the earlier commit

| what | before | now | ratio | goal |
|---|---|---|---|---|
${rows(earlier, now, medians, run).map(line).join("\n")}

## Growth

The exponent of the processor time over ${run.sizes.join(", ")} jobs (1 is linear):

| what | exponent | goal |
|---|---|---|
${growth(now).join("\n")}
`;
  fs.writeFileSync(file, text);
  console.log(`wrote ${path.relative(process.cwd(), file)}`);
}

function rows(
  earlier: Figures,
  now: Figures,
  medians: Medians,
  { size, reviewed }: Run,
): readonly Row[] {
  const pair = (what: string, figure: string, goal: Pick<Row, "atLeast" | "atMost">): Row => ({
    what,
    before: earlier[figure] ?? Number.NaN,
    now: now[figure] ?? Number.NaN,
    unit: figure.endsWith("Megabytes") ? "MB" : "s",
    ...goal,
  });
  const raw = medians["synth, raw cdktf"] ?? {};
  const synth = medians["synth, lakeform"] ?? {};
  const memory = { atMost: 1 };
  return [
    pair(`first \`lakeform deploy\` of ${size} jobs`, "firstDeploySeconds", { atLeast: 3 }),
    pair("… processor time", "firstDeployProcessorSeconds", { atLeast: 3 }),
    pair("… peak memory", "firstDeployMegabytes", memory),
    pair(`deploy of nothing, ${size} jobs`, "deployOfNothingSeconds", { atLeast: 20 }),
    pair("… peak memory", "deployOfNothingMegabytes", memory),
    pair(`deploy of one changed job of ${size}`, "deployOfOneJobSeconds", { atLeast: 8 }),
    pair("… peak memory", "deployOfOneJobMegabytes", memory),
    pair(`review of a change of all ${size} jobs`, "reviewOfAllSeconds", {}),
    pair(`\`lakeform destroy\` of ${size} jobs`, "destroySeconds", { atLeast: 4 }),
    pair("… processor time", "destroyProcessorSeconds", { atLeast: 4 }),
    pair(`\`terraform apply\` of ${size} jobs, embedded provider`, "terraformApplySeconds", {}),
    pair("… peak memory", "terraformApplyMegabytes", memory),
    pair(
      `\`terraform plan\` of ${size} unchanged jobs, embedded provider`,
      "terraformPlanSeconds",
      { atLeast: 4 },
    ),
    pair("… processor time", "terraformPlanProcessorSeconds", { atLeast: 4 }),
    pair("… peak memory", "terraformPlanMegabytes", memory),
    pair(`\`terraform destroy\` of ${size} jobs, embedded provider`, "terraformDestroySeconds", {
      atLeast: 4,
    }),
    pair("… processor time", "terraformDestroyProcessorSeconds", { atLeast: 4 }),
    {
      what: "first `lakeform deploy`, to `terraform apply` now",
      before: now["terraformApplySeconds"] ?? Number.NaN,
      now: now["firstDeploySeconds"] ?? Number.NaN,
      unit: "s",
      atMost: 1.25,
    },
    {
      what: `\`lakeform verify\` of ${size} unchanged jobs, to \`terraform plan -refresh-only\` before`,
      before: earlier["terraformRefreshSeconds"] ?? Number.NaN,
      now: now["verifySeconds"] ?? Number.NaN,
      unit: "s",
      atLeast: 40,
    },
    {
      what: "… to `terraform plan -refresh-only` now",
      before: now["terraformRefreshSeconds"] ?? Number.NaN,
      now: now["verifySeconds"] ?? Number.NaN,
      unit: "s",
    },
    pair(
      `review of ${reviewed} changed jobs, from the plan's JSON to Markdown`,
      "reviewOfManySeconds",
      { atLeast: 2 },
    ),
    pair("… peak memory", "reviewOfManyMegabytes", memory),
    {
      what: "synth of 1,000 jobs; *before*: raw cdktf",
      before: raw["seconds"] ?? Number.NaN,
      now: synth["seconds"] ?? Number.NaN,
      unit: "s",
      atLeast: 12,
    },
  ];
}

function line({ what, before, now, unit, atLeast, atMost }: Row): string {
  const shown = (value: number): string =>
    unit === "MB" ? `${value.toFixed(0)} MB` : `${value.toPrecision(3)} s`;
  const ratio = atMost === undefined ? before / now : now / before;
  const cell = (text: string, isMet: boolean): string => `${text}${isMet ? "" : " **(missed)**"}`;
  const goal =
    atLeast !== undefined
      ? cell(`at least ${atLeast} times as fast`, ratio >= atLeast)
      : atMost !== undefined
        ? cell(`at most ${atMost} times`, ratio <= atMost)
        : "";
  return `| ${what} | ${shown(before)} | ${shown(now)} | ${ratio.toFixed(2)} | ${goal} |`;
}

const words: Readonly<Record<string, string>> = {
  firstDeploy: "first deploy",
  deployOfNothing: "deploy of nothing",
  deployOfOneJob: "deploy of one changed job",
  verify: "verify",
  reviewOfAll: "review of a change of all jobs",
  destroy: "destroy",
  terraformApply: "terraform apply",
  terraformPlan: "terraform plan",
  terraformRefresh: "terraform plan -refresh-only",
  terraformDestroy: "terraform destroy",
};

function growth(now: Figures): string[] {
  return Object.entries(words).flatMap(([step, what]) => {
    const exponent = now[`${step}Exponent`];
    if (exponent === undefined) return [];
    return [
      `| ${what} | ${exponent.toFixed(2)} | at most 1.1${exponent <= 1.1 ? "" : " **(missed)**"} |`,
    ];
  });
}
