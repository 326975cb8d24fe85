// Jest's Node environment, extended: records the CPU time of each suite and its child processes for
// slow-suites.cjs, and disables the async storages of a suite when the suite ends.
const { AsyncLocalStorage } = require("node:async_hooks");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const { TestEnvironment } = require("jest-environment-node");

/**
 * Returns the CPU seconds of this process and of its child processes that have ended. Child
 * processes are only included on Linux.
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
 * Each suite has its own jest-circus, with an AsyncLocalStorage that stays enabled. With async
 * hooks (Node 20 and 22), every promise then gets a property per suite that the worker has run:
 * after 180 suites an await takes 24 µs instead of 0.3.
 */
const suiteStorages = new Set();
for (const name of ["run", "enterWith"]) {
  const original = AsyncLocalStorage.prototype[name];
  AsyncLocalStorage.prototype[name] = function (...args) {
    suiteStorages.add(this);
    return original.apply(this, args);
  };
}

/**
 * Collects garbage when the heap has grown. V8 would otherwise let it grow up to 2 GB, and each 512
 * MB of a worker add 20 ms to starting a process, because libuv forks, and 20 ms more in the child
 * process.
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
    this.secondsBefore = processorSeconds();
  }

  async teardown() {
    await super.teardown();
    for (const storage of suiteStorages) storage.disable();
    suiteStorages.clear();
    collectIfGrown();
    const folder = process.env.LAKEFORM_SUITE_TIMES;
    if (folder === undefined) return;
    const seconds = processorSeconds() - this.secondsBefore;
    const name = createHash("sha256").update(this.suite).digest("hex").slice(0, 16);
    fs.writeFileSync(
      path.join(folder, `${name}.json`),
      JSON.stringify({ suite: this.suite, seconds }),
    );
  }
};
