// A Jest reporter that prints the suites with the most CPU time, if more than one ran.
const fs = require("node:fs");
const path = require("node:path");

const SHOWN_SUITES = 15;

module.exports = class {
  constructor(globalConfig) {
    this.root = globalConfig.rootDir;
  }

  onRunComplete() {
    const folder = process.env.LAKEFORM_SUITE_TIMES;
    if (folder === undefined) return;
    const times = fs
      .readdirSync(folder)
      .map((file) => JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")));
    fs.rmSync(folder, { recursive: true });
    if (times.length < 2) return;
    times.sort((a, b) => b.seconds - a.seconds);
    const sum = times.reduce((total, { seconds }) => total + seconds, 0);
    const count = Math.min(Number(process.env.LAKEFORM_SLOW_SUITES ?? SHOWN_SUITES), times.length);
    process.stderr.write(
      `\nProcessor time: ${sum.toFixed(0)} s in ${times.length} suites. The slowest ${count}:\n`,
    );
    for (const { suite, seconds } of times.slice(0, count))
      process.stderr.write(
        `${seconds.toFixed(1).padStart(7)} s  ${path.relative(this.root, suite)}\n`,
      );
  }
};
