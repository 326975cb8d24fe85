// Jest's runtime, which compiles each file once in a worker, not once in each suite: half of a
// short suite's time is V8 parsing cdktf, the bindings and fastify.
const { createRequire } = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { default: JestRuntime } = require("jest-runtime");

/** By file name; the source can be another one when a test mocks or writes the file. */
const compiled = new Map();

/**
 * A function of the parameters that Jest hands to a module, as vm.compileFunction would make it,
 * for any context.
 */
function scriptOf(filename, parameters, source) {
  const known = compiled.get(filename);
  if (known !== undefined && known.source === source) return known.script;
  const head = `(function(${parameters.join(",")}){`;
  const script = new vm.Script(`${head}${source}\n})`, {
    filename,
    columnOffset: -head.length,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  compiled.set(filename, { source, script });
  return script;
}

/**
 * Large packages without state of their own, loaded once in a worker. lmdb's native part, moreover,
 * keeps a function of each copy of its JavaScript, and with it all that the suite has ever loaded.
 */
const shared = new Set([
  "lmdb",
  "typescript",
  "playwright-core",
  "eslint",
  "eslint/config",
  "typescript-eslint",
]);
const sharedFile = path.join(__dirname, "shared-programs.cjs");

module.exports = class extends JestRuntime {
  constructor(...given) {
    super(...given);
    const { executor } = this;
    const compile = executor.compile.bind(executor);
    executor.compile = (source, filename) => {
      const context = executor.environment.getVmContext();
      if (context === null) return null;
      try {
        return scriptOf(filename, executor.injectedModuleParameters, source).runInContext(context);
      } catch {
        // Jest explains what it cannot compile.
        return compile(source, filename);
      }
    };
  }

  requireModuleOrMock(from, name) {
    if (name.endsWith("/shared-programs.cjs")) return require(sharedFile);
    // (a project of a test can have another one)
    const isOurs = shared.has(name) && createRequire(from).resolve(name) === require.resolve(name);
    return isOurs ? require(name) : super.requireModuleOrMock(from, name);
  }
};
