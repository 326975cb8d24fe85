// A Jest runtime that compiles each file once per worker instead of once per suite. In a short
// suite, V8 spends half of the time parsing cdktf, the bindings and fastify.
const fs = require("node:fs");
const { createRequire } = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { default: JestRuntime } = require("jest-runtime");

/** Compiled scripts by file name, each with its source, as a test may mock or change the file. */
const compiled = new Map();

/**
 * Returns a script whose value is a function with the parameters that Jest passes to a module.
 * Unlike the result of vm.compileFunction, it can run in any context.
 */
function scriptOf(filename, parameters, source) {
  const cached = compiled.get(filename);
  if (cached !== undefined && cached.source === source) return cached.script;
  const head = `(function(${parameters.join(",")}){`;
  const script = new vm.Script(`${head}${source}\n})`, {
    filename,
    columnOffset: -head.length,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  compiled.set(filename, { source, script });
  return script;
}

const repository = path.join(__dirname, "..", "..") + path.sep;
/** Files of this repository by name, each as Jest read and compiled it. */
const transformed = new Map();

/** Keeps what Jest reads, because Jest would read each file again for each suite. */
function keepTransformed(cache) {
  const transform = cache.transform.bind(cache);
  cache.transform = (filename, options) => {
    if (!filename.startsWith(repository)) return transform(filename, options);
    const { mtimeMs, size } = fs.statSync(filename);
    const state = `${mtimeMs} ${size} ${options?.isInternalModule === true}`;
    let cached = transformed.get(filename);
    if (cached?.state !== state) {
      const code = transform(filename, options);
      cached = { state, code, result: cache.transforms.get(filename) };
      transformed.set(filename, cached);
    }
    if (cached.result !== undefined) {
      cache.transforms.set(filename, cached.result);
      if (cached.result.sourceMapPath) cache.sourceMaps.set(filename, cached.result.sourceMapPath);
    }
    return cached.code;
  };
}

/**
 * Large packages without state, loaded once per worker. Also, the native part of lmdb keeps a
 * reference to each copy of its JavaScript, and so to everything that a suite has loaded.
 */
const sharedPackages = new Set([
  "lmdb",
  "typescript",
  "playwright-core",
  "eslint",
  "eslint/config",
  "typescript-eslint",
]);
const sharedFile = path.join(__dirname, "shared-programs.cjs");

module.exports = class extends JestRuntime {
  constructor(...args) {
    super(...args);
    const { executor } = this;
    keepTransformed(this.transformCache);
    const compile = executor.compile.bind(executor);
    executor.compile = (source, filename) => {
      const context = executor.environment.getVmContext();
      if (context === null) return null;
      try {
        return scriptOf(filename, executor.injectedModuleParameters, source).runInContext(context);
      } catch {
        // Jest's own compiler reports errors better.
        return compile(source, filename);
      }
    };
  }

  requireModuleOrMock(from, name) {
    if (name.endsWith("/shared-programs.cjs")) return require(sharedFile);
    // A project created by a test may contain another version of the package.
    const isOurs =
      sharedPackages.has(name) && createRequire(from).resolve(name) === require.resolve(name);
    return isOurs ? require(name) : super.requireModuleOrMock(from, name);
  }
};
