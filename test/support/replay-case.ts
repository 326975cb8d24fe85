/**
 * Replays single cases manually: node scripts/build.mjs && npx ts-node --swc
 * test/support/replay-case.ts secret-scope 'notebook-*'
 */
import { minimatch } from "minimatch";
import { caseNames } from "./replay-format";
import { replay, type CaseResult } from "./replay";
import { chunkSize } from "./replay-chunks";

async function main(): Promise<void> {
  const patterns = process.argv.slice(2);
  const names = caseNames().filter((name) => patterns.some((pattern) => minimatch(name, pattern)));
  const results: CaseResult[] = [];
  for (let start = 0; start < names.length; start += chunkSize) {
    const chunkResults = await replay(names.slice(start, start + chunkSize), {
      log: (text) => console.error(text),
    });
    results.push(...chunkResults);
    for (const { name, problems, intended, nulls, errors } of chunkResults) {
      console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}`);
      for (const problem of problems) console.log(`    ${problem}`);
      if (process.env.REPLAY_VERBOSE !== undefined)
        for (const text of [...intended, ...errors, ...nulls]) console.log(`      (${text})`);
    }
  }
  const passedCount = results.filter(({ problems }) => problems.length === 0).length;
  console.log(`${passedCount} of ${results.length} cases`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
