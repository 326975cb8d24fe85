// The environment of the tests: all suites of a worker run in Node's own global scope, one after the
// other. A scope per suite, as in jest-environment-node, would need its own copy of each package
// (compile-once-runtime.cjs), and each access to a global variable calls into C++ there.
// At the end of a suite, restores what Jest and tests change globally, and records the suite's CPU
// time for slow-suites.cjs.
const { AsyncLocalStorage } = require("node:async_hooks");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");
const { ModernFakeTimers } = require("@jest/fake-timers");
const { ModuleMocker } = require("jest-mock");

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

/** Variables that Jest sets for each suite. Packages also set some, and rely on these. */
const suiteVariables = [
  ...["expect", "describe", "fdescribe", "xdescribe", "test", "xtest", "it", "fit", "xit"],
  ...["beforeAll", "beforeEach", "afterEach", "afterAll"],
];
const suiteSymbols =
  /^(JEST_STATE_SYMBOL|EVENT_HANDLERS|TEST_TIMEOUT_SYMBOL|RETRY_|WAIT_BEFORE_|LOG_)/;

/** Jest replaces these with functions that refer to the suite. */
const { exit, getBuiltinModule } = process;
const { console: workerConsole } = globalThis;

/** Only for Jest's own compiler, which reports syntax errors (compile-once-runtime.cjs). */
let emptyContext;

module.exports = class {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;

  constructor({ projectConfig }, context) {
    this.suite = context.testPath;
    this.secondsBefore = processorSeconds();
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.variables = { ...process.env };
    this.exitCode = process.exitCode;
    this.listeners = new Map(
      process.eventNames().map((event) => [event, new Set(process.rawListeners(event))]),
    );
  }

  async setup() {}

  exportConditions() {
    return ["node", "node-addons"];
  }

  getVmContext() {
    return (emptyContext ??= vm.createContext({}));
  }

  async teardown() {
    this.fakeTimersModern.dispose();
    this.moduleMocker.restoreAllMocks();
    this.restoreProcess();
    for (const name of suiteVariables) delete globalThis[name];
    for (const symbol of Object.getOwnPropertySymbols(globalThis))
      if (suiteSymbols.test(symbol.description)) delete globalThis[symbol];
    globalThis.console = workerConsole;
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

  restoreProcess() {
    Object.assign(process, { exit, getBuiltinModule });
    process.exitCode = this.exitCode;
    for (const event of process.eventNames().filter((name) => /^(SIG|exit|beforeExit)/.test(name)))
      for (const listener of process.rawListeners(event))
        if (!this.listeners.get(event)?.has(listener)) process.removeListener(event, listener);
    for (const name of Object.keys(process.env))
      if (!(name in this.variables)) delete process.env[name];
    Object.assign(process.env, this.variables);
  }
};
