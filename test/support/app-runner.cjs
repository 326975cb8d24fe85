// Runs the TypeScript app of a test project as ts-node with swc would, but keeps the compiled code
// for later runs. Starting ts-node and compiling cdktf and the bindings takes half the time of a
// synth.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const folder = path.join(__dirname, "..", "..", "node_modules", ".cache", "lakeform-tests-app");

/** Writes a file atomically, as two apps may write it at the same time. */
function writeAtomically(file, content) {
  fs.mkdirSync(folder, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, file);
}

const cachePath = (filename, source) =>
  path.join(
    folder,
    createHash("sha256")
      .update(`${process.version} ${filename}\n`)
      .update(source)
      .digest("hex")
      .slice(0, 24),
  );

/** Compiled JavaScript by file name, to map positions in stack traces. */
const compiled = new Map();

function compileTypeScript(module, filename) {
  const source = fs.readFileSync(filename, "utf8");
  const cachedFile = `${cachePath(filename, source)}.js`;
  if (!fs.existsSync(cachedFile)) {
    const { code } = require("@swc/core").transformSync(source, {
      filename,
      swcrc: false,
      sourceMaps: "inline",
      module: { type: "commonjs" },
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
    });
    writeAtomically(cachedFile, code);
  }
  const code = fs.readFileSync(cachedFile, "utf8");
  compiled.set(filename, code);
  module._compile(code, filename);
}

const compile = Module.prototype._compile;
/**
 * The minimum size of a cached file in bytes: compiling a smaller one is as fast as reading it from
 * the cache.
 */
const MINIMUM_CACHED_SIZE = 3_000;

function compileCached(source, filename) {
  if (source.length < MINIMUM_CACHED_SIZE || source.startsWith("#!"))
    return compile.call(this, source, filename);
  const cachedFile = `${cachePath(filename, source)}.bin`;
  const cachedData = fs.existsSync(cachedFile) ? fs.readFileSync(cachedFile) : undefined;
  const importModuleDynamically = vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  const script = new vm.Script(Module.wrap(source), {
    filename,
    cachedData,
    importModuleDynamically,
  });
  const { resolve } = Module.createRequire(filename);
  const load = Object.assign((name) => this.require(name), {
    resolve,
    main: process.mainModule,
    cache: Module._cache,
  });
  script
    .runInThisContext()
    .call(this.exports, this.exports, load, this, filename, path.dirname(filename));
  // On exit, to include the functions that were compiled during the run.
  if (cachedData === undefined || script.cachedDataRejected)
    process.once("exit", () => writeAtomically(cachedFile, script.createCachedData()));
}

/** @param file relative to the working directory */
module.exports = function runApp(file) {
  process.setMaxListeners(0);
  Module._extensions[".ts"] = compileTypeScript;
  Module.prototype._compile = compileCached;
  require("@cspotcode/source-map-support").install({
    environment: "node",
    retrieveFile: (name) => compiled.get(name) ?? "",
  });
  const entry = path.resolve(file);
  process.argv = [process.execPath, entry];
  require(entry);
};
