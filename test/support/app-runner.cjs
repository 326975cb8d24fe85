// Runs the TypeScript app of a test's project as ts-node with swc does, with the compiled code kept
// between runs: starting ts-node, and compiling cdktf and the bindings, takes half of a synth.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

const folder = path.join(__dirname, "..", "..", "node_modules", ".cache", "lakeform-tests-app");

/** Two apps may write the same file at the same time. */
function keep(file, content) {
  fs.mkdirSync(folder, { recursive: true });
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, file);
}

const placeOf = (filename, source) =>
  path.join(
    folder,
    createHash("sha256")
      .update(`${process.version} ${filename}\n`)
      .update(source)
      .digest("hex")
      .slice(0, 24),
  );

/** JavaScript by file name, for the positions in stack traces. */
const compiled = new Map();

function compileTypeScript(module, filename) {
  const source = fs.readFileSync(filename, "utf8");
  const place = `${placeOf(filename, source)}.js`;
  if (!fs.existsSync(place)) {
    const { code } = require("@swc/core").transformSync(source, {
      filename,
      swcrc: false,
      sourceMaps: "inline",
      module: { type: "commonjs" },
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
    });
    keep(place, code);
  }
  const code = fs.readFileSync(place, "utf8");
  compiled.set(filename, code);
  module._compile(code, filename);
}

const compile = Module.prototype._compile;
/** Small files are compiled as fast as a cache is read. */
const small = 3_000;

function compileCached(source, filename) {
  if (source.length < small || source.startsWith("#!")) return compile.call(this, source, filename);
  const place = `${placeOf(filename, source)}.bin`;
  const cachedData = fs.existsSync(place) ? fs.readFileSync(place) : undefined;
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
  // (with the functions that the run has compiled)
  if (cachedData === undefined || script.cachedDataRejected)
    process.once("exit", () => keep(place, script.createCachedData()));
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
