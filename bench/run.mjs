// npm run bench -- [SCENARIO…] [--write]: runs scenarios, which measure variants of one task (see
// scenario.ts). Prints minimum, median and maximum of each figure, and the ratio of its median to
// that of the baseline. Writes these and all measured values to .cache/bench/<scenario>.json.
// LAKEFORM_BENCH_ONLY=WORD runs only variants with that word in their name.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const benchFolder = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(benchFolder, "..");
const require = createRequire(import.meta.url);
require("ts-node").register({ swc: true, transpileOnly: true, cwd: root });

const folder = path.join(benchFolder, "scenarios");
const scenarioNames = fs.existsSync(folder)
  ? fs
      .readdirSync(folder)
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.slice(0, -3))
  : [];
const words = process.argv.slice(2);
const names = words.filter((word) => !word.startsWith("-"));
if (words.includes("--help") || words.includes("-h")) {
  console.log(help());
  process.exit(0);
}
rejectUnknown("OPTION", words, ["--write", "--help"], (word) => word.startsWith("-"));
rejectUnknown("SCENARIO", names, scenarioNames);

for (const name of names.length > 0 ? names : scenarioNames) {
  const { scenario: original } = require(path.join(folder, `${name}.ts`));
  const scenario = {
    ...original,
    variants: original.variants.filter((variant) =>
      variant.name.includes(process.env.LAKEFORM_BENCH_ONLY ?? ""),
    ),
  };
  console.log(`\n${name}: ${scenario.title}`);
  const context = scenario.setup === undefined ? undefined : await scenario.setup();
  const results = new Map(scenario.variants.map((variant) => [variant.name, []]));
  try {
    for (let round = -(scenario.warmup ?? 1); round < (scenario.repeats ?? 5); round++) {
      for (const variant of scenario.variants) {
        const started = performance.now();
        const figures = (await variant.run(context)) ?? {};
        const row = { seconds: (performance.now() - started) / 1000, ...figures };
        if (round >= 0) results.get(variant.name).push(row);
      }
    }
  } finally {
    await scenario.teardown?.(context);
  }
  const statistics = report(name, scenario, results);
  if (process.argv.includes("--write")) scenario.write?.(mediansOf(statistics));
}

function help() {
  return `Usage: npm run bench [-- [SCENARIO…] [--write]]

Run all benchmarks, or those named. Each takes minutes. The results are printed, and
written to .cache/bench/SCENARIO.json.

Options:
  --write     also write the medians of the scenario deploy to docs/performance.md
  -h, --help  display this help

LAKEFORM_BENCH_ONLY=WORD runs only variants with that word in their name.

Scenarios:
${scenarioNames.map((name) => `  ${name.padEnd(22)}${require(path.join(folder, `${name}.ts`)).scenario.title}`).join("\n")}`;
}

function rejectUnknown(kind, given, allowed, applies = () => true) {
  const unknown = given.filter((word) => applies(word) && !allowed.includes(word));
  if (unknown.length === 0) return;
  console.error(`UNKNOWN_${kind}: ${unknown.join(", ")}\n  allowed: ${allowed.join(", ")}`);
  process.exit(1);
}

function mediansOf(statistics) {
  const medians = (figures) =>
    Object.fromEntries(Object.entries(figures).map(([figure, { median }]) => [figure, median]));
  return Object.fromEntries(
    Object.entries(statistics).map(([variant, figures]) => [variant, medians(figures)]),
  );
}

function report(name, scenario, results) {
  const statistics = {};
  for (const [variant, rows] of results) {
    statistics[variant] = {};
    for (const figure of Object.keys(rows[0] ?? {})) {
      const sorted = rows.map((row) => row[figure]).sort((a, b) => a - b);
      statistics[variant][figure] = {
        min: sorted[0],
        median: sorted[Math.floor(sorted.length / 2)],
        max: sorted[sorted.length - 1],
      };
    }
  }
  const table = [];
  for (const [variant, figures] of Object.entries(statistics)) {
    const against =
      scenario.variants.find(({ name }) => name === variant)?.against ?? scenario.baseline;
    for (const [figure, { min, median, max }] of Object.entries(figures)) {
      const baseline = statistics[against]?.[figure]?.median;
      table.push({
        variant,
        figure,
        min: round(min),
        median: round(median),
        max: round(max),
        "to baseline":
          baseline === undefined || variant === against ? "" : round(median / baseline),
      });
    }
  }
  console.table(table);
  const machine = { node: process.version, cpu: os.cpus()[0]?.model, cores: os.cpus().length };
  const out = path.join(root, ".cache", "bench", `${name}.json`);
  fs.mkdirSync(path.dirname(out), { recursive: true });
  fs.writeFileSync(
    out,
    JSON.stringify(
      {
        scenario: name,
        machine,
        baseline: scenario.baseline,
        statistics,
        raw: Object.fromEntries(results),
      },
      null,
      2,
    ),
  );
  return statistics;
}

function round(value) {
  return Number(value.toPrecision(4));
}
