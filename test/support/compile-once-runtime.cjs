// A Jest runtime that compiles each file of this repository once per worker instead of once per
// suite, and loads each package and some sources once. In a short suite, V8 would spend half of the time on loading
// cdktf, the bindings and fastify, and optimize none of their code.
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");
const { default: JestRuntime } = require("jest-runtime");

/** Compiled scripts by file name, each with its source, as a test may mock or change the file. */
const compiled = new Map();

/**
 * Returns a script whose value is a function with the parameters that Jest passes to a module. It
 * can run once per suite.
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
  // For the stack traces of files that are loaded once.
  for (const [file, { result }] of transformed)
    if (result?.sourceMapPath) cache.sourceMaps.set(file, result.sourceMapPath);
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

const packages = path.join(repository, "node_modules") + path.sep;
/** Has state of a suite: its tests. */
const testFramework = path.join(packages, "jest-circus") + path.sep;
const sharedFile = path.join(__dirname, "shared-programs.cjs");

/**
 * Sources that are loaded once per worker, like packages. They keep nothing that depends on a suite:
 * what their modules keep are results of pure functions. Other folders of `src` keep, for example,
 * what a host has answered.
 */
const sharedSources = [
  ...["constructs/", "src/workspace/"],
  ...["code-cache", "defined", "errors", "exact-json", "module-cache", "package-versions"].map(
    (name) => `src/${name}.ts`,
  ),
  ...["src/page-style.ts", "src/private-files.ts", "src/processes.ts"],
  // Keeps the versions of the executables that it has started.
  "src/terraform/engine.ts",
].map((name) => path.join(repository, name));

const isShared = (file) =>
  file.startsWith(packages)
    ? !file.startsWith(testFramework)
    : sharedSources.some((name) => file.startsWith(name));

/** Compiles a file as the current suite's runtime does. */
let transformSource;
Module._extensions[".ts"] = (module, file) => {
  // A suite would load it again, and have two of its classes.
  if (!isShared(file)) throw new Error(`${file} is loaded by a file of sharedSources`);
  module._compile(transformSource(file), file);
};

module.exports = class extends JestRuntime {
  constructor(...args) {
    super(...args);
    const { executor, cjsLoader } = this;
    keepTransformed(this.transformCache);
    transformSource = (file) => this.transformCache.transform(file);
    const compile = executor.compile.bind(executor);
    executor.compile = (source, filename) => {
      try {
        return scriptOf(filename, executor.injectedModuleParameters, source).runInThisContext();
      } catch {
        // Jest's own compiler reports errors better.
        return compile(source, filename);
      }
    };
    const loadModule = cjsLoader.loadModule.bind(cjsLoader);
    cjsLoader.loadModule = (module, from, name, file, ...rest) => {
      if (!isShared(file)) return loadModule(module, from, name, file, ...rest);
      module.exports = require(file);
      module.loaded = true;
    };
  }

  requireModuleOrMock(from, name) {
    if (name.endsWith("/shared-programs.cjs")) return require(sharedFile);
    return super.requireModuleOrMock(from, name);
  }
};
