/**
 * Replays single cases manually: node scripts/build.mjs && npx ts-node --swc
 * test/support/replay-case.ts secret-scope 'notebook-*'
 */
import { minimatch } from "minimatch";
import { caseNames } from "./replay-format";
import { replay, type CaseResult } from "./replay";

async function main(): Promise<void> {
  const patterns = process.argv.slice(2);
  const names = caseNames().filter((name) => patterns.some((pattern) => minimatch(name, pattern)));
  const results: CaseResult[] = [];
  // So many provider processes run at once.
  for (let at = 0; at < names.length; at += 14) {
    const found = await replay(names.slice(at, at + 14), { log: (text) => console.error(text) });
    results.push(...found);
    for (const { name, problems, wanted, nulls, errors } of found) {
      console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${name}`);
      for (const problem of problems) console.log(`    ${problem}`);
      if (process.env.REPLAY_VERBOSE !== undefined)
        for (const text of [...wanted, ...errors, ...nulls]) console.log(`      (${text})`);
    }
  }
  const good = results.filter(({ problems }) => problems.length === 0).length;
  console.log(`${good} of ${results.length} cases`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
