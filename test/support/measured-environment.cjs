// Jest's Node environment, which also notes the processor time of each suite, the processes that it
// started included, for slow-suites.cjs, and which ends the async storages of a suite with it.
const { AsyncLocalStorage } = require("node:async_hooks");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const { TestEnvironment } = require("jest-environment-node");

/**
 * Seconds of processor time of this process and of those that it started and that have ended. Only
 * Linux reports the latter.
 */
function processorSeconds() {
  if (process.platform !== "linux") {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  const stat = fs.readFileSync("/proc/self/stat", "latin1");
  // The name of the process, in parentheses, may contain spaces. The four times are the fields 14
  // to 17, in hundredths of a second.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / 100;
}

/**
 * Each suite has a jest-circus of its own, with a storage that stays enabled. With async hooks
 * (Node 20 and 22) every promise then gets a property for each suite that this worker has run:
 * after 180 suites an await takes 24 µs, not 0.3.
 */
const storages = new Set();
for (const name of ["run", "enterWith"]) {
  const original = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...given) {
    storages.add(this);
    return original.apply(this, given);
  };
}

/**
 * Collects garbage when much has come together. With 2 GB to spare, V8 would rather grow, but to
 * start a process (libuv forks) takes 20 ms more for each 512 MB of a worker, and again in the child.
 */
v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc");
const GROWTH_BYTES = 250 * 2 ** 20;
let collectAt = 0;
function collectIfGrown() {
  if (process.memoryUsage().heapUsed < collectAt) return;
  collectGarbage();
  collectAt = process.memoryUsage().heapUsed + GROWTH_BYTES;
}

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.suite = context.testPath;
    this.before = processorSeconds();
  }

  async teardown() {
    await super.teardown();
    for (const storage of storages) storage.disable();
    storages.clear();
    collectIfGrown();
    const folder = process.env.LAKEFORM_SUITE_TIMES;
    if (folder === undefined) return;
    const seconds = processorSeconds() - this.before;
    const name = createHash("sha256").update(this.suite).digest("hex").slice(0, 16);
    fs.writeFileSync(
      path.join(folder, `${name}.json`),
      JSON.stringify({ suite: this.suite, seconds }),
    );
  }
};
