// Writes dist/:
// - each source file as JavaScript: only changed files, and atomically, so that two builds can run
//   at once;
// - the provider process, the commands and the constructs as one bundle each, which start faster
//   (an apply starts the provider four times);
// - with --types, the declarations.
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { bundledLicences, bundling, entryOf, vendored } from "./bundled.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const dist = path.join(root, "dist");
const target = "node20";
const bindings = path.join("constructs", "core", "bindings.ts");

/**
 * Modules that few commands use. They are loaded at first use: yaml alone has 72 files and takes a
 * twelfth of the start-up time of `lakeform verify`.
 */
const rareModules = [
  "yaml",
  "minimatch",
  "diff",
  "./data",
  "./html",
  "./junit",
  "./markdown",
  "./sarif",
];
const rareImport = new RegExp(
  `^var (import_\\w+) = (require\\("(?:${rareModules.map((name) => name.replace(".", "\\.")).join("|")})"\\));$`,
  "gm",
);
/**
 * The starts of the paths of files whose imports are all loaded at first use: printing a command's
 * help does not need the modules that the command runs.
 */
const lazyPaths = [
  "cli/",
  "review/render/index.ts",
  "review/render/markdown.ts",
  "verify/report/index.ts",
].map((start) => path.join("src", start));
const anyImport = /^var (import_\w+) = (require\("[^"]+"\));$/gm;

function* walk(dir) {
  if (!fs.existsSync(dir)) return;
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.name === "__pycache__") continue;
    if (entry.isDirectory()) yield* walk(file);
    else yield file;
  }
}

function writeIfChanged(file, bytes) {
  const content = Buffer.from(bytes);
  if (fs.existsSync(file) && fs.readFileSync(file).equals(content)) return;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(temporary, content);
  fs.renameSync(temporary, file);
}

const manifestFile = path.join(dist, ".manifest.json");
let manifest = {};
try {
  manifest = JSON.parse(fs.readFileSync(manifestFile, "utf8"));
} catch {
  // no build yet, or an interrupted one: compile everything
}
// A change to this script recompiles every file.
const builder = fs.readFileSync(fileURLToPath(import.meta.url));
const hash = (bytes) =>
  createHash("sha256").update(builder).update(bytes).digest("hex").slice(0, 16);

/** Compiles to all.js: dist/constructs/index.js loads the bundle of the constructs. */
const constructsIndex = path.join("constructs", "index.ts");
const outputOf = (relative) =>
  relative === constructsIndex
    ? path.join("constructs", "all.js")
    : relative.replace(/\.ts$/, ".js");

const nextManifest = {};
let changed = false;
for (const folder of ["constructs", "src"]) {
  for (const file of walk(path.join(root, folder))) {
    const relative = path.relative(root, file);
    if (file.endsWith(".d.ts")) continue;
    const source = fs.readFileSync(file);
    const out = path.join(dist, outputOf(relative));
    nextManifest[relative] = hash(source);
    if (manifest[relative] === nextManifest[relative] && fs.existsSync(out)) continue;
    changed = true;
    if (!file.endsWith(".ts")) {
      writeIfChanged(out, source);
      continue;
    }
    const { code } = await esbuild.transform(source.toString("utf8"), {
      loader: "ts",
      format: "cjs",
      // Lists the export names in a form that Node detects when ESM imports CommonJS: `import {
      // connect } from "lakeform/api"`.
      platform: "node",
      target,
      supported: { "dynamic-import": false },
    });
    const imports = lazyPaths.some((start) => relative.startsWith(start)) ? anyImport : rareImport;
    writeIfChanged(
      out,
      relative === bindings
        ? useInstalledToolkit(useOriginalExports(code))
        : useVendored(loadLazily(useOriginalExports(code), imports), out),
    );
  }
}

/** Makes a file load the vendored packages from dist/vendor. */
function useVendored(code, out) {
  return Object.entries(vendored).reduce((output, [name, file]) => {
    const from = path
      .relative(path.dirname(out), path.join(dist, "vendor", file))
      .split(path.sep)
      .join("/");
    return output.replaceAll(`require("${name}")`, `require("${from}")`);
  }, code);
}

/** Makes the bindings file, the only one that imports a toolkit, load the user's toolkit. */
function useInstalledToolkit(code) {
  const withToolkit = `const { toolkitModule } = require("./toolkit");${code}`
    .replaceAll(/\brequire\(("(?:constructs|cdktf|@cdktf\/[^"]+)")\)/g, "toolkitModule($1)")
    .replaceAll("requireOnDemand(`@cdktf/", "toolkitModule(`@cdktf/");
  return loadLazily(withToolkit, /^var (import_\w+) = (toolkitModule\("@cdktf\/[^"]+"\));$/gm);
}

/**
 * Makes the declarations of the bindings use the user's toolkit: each toolkit module is replaced by
 * a file that re-exports this module of both toolkits. TypeScript ignores the one that is not
 * installed.
 */
function useInstalledToolkitTypes() {
  const file = path.join(dist, bindings.replace(/\.ts$/, ".d.ts"));
  const code = fs
    .readFileSync(file, "utf8")
    .replaceAll(/"((?:@cdktf\/[^"]+\/)?([\w-]+))"/g, (text, name, last) => {
      if (!/^@?cdktf\b/.test(name)) return text;
      const lines = [name, name.replace("cdktf", "cdktn")].map(
        (from) => `// @ts-ignore: only one of the two is installed\nexport * from "${from}";\n`,
      );
      writeIfChanged(path.join(path.dirname(file), "either", `${last}.d.ts`), lines.join(""));
      return `"./either/${last}"`;
    });
  writeIfChanged(file, code);
}

/**
 * Removes declarations that no export of the package refers to, which are more than half of them.
 */
function removeUnreachableTypes() {
  const { exports } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  const reachable = new Set();
  const visit = (file) => {
    if (reachable.has(file) || !fs.existsSync(file)) return;
    reachable.add(file);
    for (const [, name] of fs.readFileSync(file, "utf8").matchAll(/["'](\.{1,2}\/[^"']+)["']/g)) {
      const modulePath = path.join(path.dirname(file), name.replace(/\.js$/, ""));
      visit(`${modulePath}.d.ts`);
      visit(path.join(modulePath, "index.d.ts"));
    }
  };
  for (const { types } of Object.values(exports))
    if (types !== undefined) visit(path.join(root, types));
  for (const file of walk(dist))
    if (file.endsWith(".d.ts") && !reachable.has(file)) fs.rmSync(file);
}

/**
 * Makes modules use each other's exports directly. esbuild copies a module's exports to an object
 * of getters, so every call into another file passes two getters, and V8 cannot optimize the
 * second. This makes comparing a thousand jobs 10% faster.
 */
function useOriginalExports(code) {
  return code.replace(
    /^module\.exports = __toCommonJS\((\w+)\);$/m,
    'module.exports = __defProp($1, "__esModule", { value: true });',
  );
}

/** Delays imports until their first use. @param imports matches an import: its name, its call */
function loadLazily(code, imports) {
  const loads = [];
  const declared = code.replace(imports, (_, name, load) => {
    loads.push([name, load]);
    return `var ${name};`;
  });
  return loads.reduce(
    (output, [name, load]) =>
      output.replaceAll(new RegExp(`\\b${name}\\.`, "g"), `(${name} ??= ${load}).`),
    declared,
  );
}

/** The list of export names with which esbuild ends a file, for imports from ESM. */
const exportList = /^0 && \(module\.exports = \{[^}]*\}\);$/m;

/**
 * An esbuild plugin for bundles of compiled files. Each file keeps its own `__dirname` and
 * `__filename`. Its list of export names is removed: esbuild would take the names for global
 * variables, and rename classes that have them. dist/vendor is not bundled.
 */
const compiledFiles = {
  name: "compiled-files",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/vendor\// }, ({ path: name }) => ({
      path: `./vendor/${path.basename(name)}`,
      external: true,
    }));
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      const code = fs.readFileSync(file, "utf8").replace(exportList, "");
      if (!/\b__(?:dir|file)name\b/.test(code)) return { contents: code };
      const fileParts = path.relative(dist, file).split(path.sep);
      const joinParts = (parts) =>
        `require("node:path").join(bundleFolder, ...${JSON.stringify(parts)})`;
      const names = `const __dirname = ${joinParts(fileParts.slice(0, -1))}, __filename = ${joinParts(fileParts)};\n`;
      return { contents: `${names}${code}` };
    });
  },
};

for (const [name, file] of Object.entries(vendored)) {
  const out = path.join(dist, "vendor", file);
  const key = `vendor/${file}`;
  nextManifest[key] = hash(fs.readFileSync(path.join(root, "node_modules", name, "package.json")));
  if (manifest[key] === nextManifest[key] && fs.existsSync(out)) continue;
  const result = await esbuild.build({ ...bundling, ...entryOf(name), minify: true });
  writeIfChanged(out, result.outputFiles[0].contents);
}

for (const outdated of Object.keys(manifest).filter((file) => !(file in nextManifest))) {
  changed = true;
  fs.rmSync(path.join(dist, outputOf(outdated)), { force: true });
}

/** Options for a bundle of compiled files. */
const fromDist = {
  packages: "external",
  // Keeps line numbers in stack traces useful.
  lineLimit: 100,
  plugins: [compiledFiles],
};

// Three bundles that run from V8's code cache (src/code-cache.ts), and the files that start them:
// Terraform's shim loads provider.js, bin/lakeform.js loads lakeform.js, and an app loads
// constructs/index.js.
await bundle("provider-main.js", ["src", "provider", "main.ts"], {});
await bundle("provider.js", ["src", "provider", "start.ts"], {
  define: defineBuild("provider-main.js"),
});
await bundle("cli.js", ["dist", "src", "cli", "main.js"], {
  ...fromDist,
  banner: { js: "const bundleFolder = __dirname;" },
});
await bundle("lakeform.js", ["src", "cli", "start.ts"], { define: defineBuild("cli.js") });
await bundle(path.join("constructs", "bundle.js"), ["dist", "constructs", "all.js"], {
  ...fromDist,
  banner: { js: 'const bundleFolder = require("node:path").dirname(__dirname);' },
});
await bundle(path.join("constructs", "index.js"), ["src", "constructs-loader.ts"], {
  define: defineBuild(path.join("constructs", "bundle.js")),
  footer: {
    js: `module.exports = module.exports.loadConstructs(module, () => require("./bundle.js"));
${exportNames(path.join(dist, "constructs", "all.js"))}`,
  },
});

/** Returns the list of export names of a compiled file. */
function exportNames(file) {
  const [names = ""] = exportList.exec(fs.readFileSync(file, "utf8")) ?? [];
  if (names === "") throw new Error(`${file} has no list of its exports`);
  return names;
}

async function bundle(name, source, options) {
  const out = path.join(dist, name);
  const entry = path.join(root, ...source);
  if (!fs.existsSync(entry) || (!changed && fs.existsSync(out))) return;
  const result = await esbuild.build({
    ...bundling,
    entryPoints: [entry],
    minifySyntax: true,
    minifyWhitespace: true,
    ...options,
  });
  writeIfChanged(out, inAscii(result.outputFiles[0].text));
}

/**
 * Escapes the characters that esbuild does not: those in regular expressions and tagged templates.
 * Node reads a file of ASCII four times as fast, as one byte for each character.
 */
function inAscii(code) {
  return code.replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Defines the hash of a bundle, which names its code cache. */
function defineBuild(name) {
  const file = path.join(dist, name);
  return fs.existsSync(file) ? { BUILD: JSON.stringify(hash(fs.readFileSync(file))) } : {};
}

const encoder = path.join(dist, "src", "provider", "schema-message.js");
const schemas = path.join(dist, "src", "resources", "schema");
for (const file of fs.existsSync(encoder)
  ? fs.readdirSync(schemas).filter((name) => name.endsWith(".tsv"))
  : []) {
  const version = file.replace(".tsv", "");
  const encoded = path.join(dist, `provider-schema-${version}.json`);
  if (changed || !fs.existsSync(encoded))
    writeIfChanged(encoded, createRequire(import.meta.url)(encoder).encodeSchemas(version));
}
writeIfChanged(manifestFile, JSON.stringify(nextManifest));

if (process.argv.includes("--types")) {
  execFileSync(
    process.execPath,
    [path.join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
    {
      cwd: root,
      stdio: "inherit",
    },
  );
  useInstalledToolkitTypes();
  removeUnreachableTypes();
  writeIfChanged(path.join(dist, "licences.txt"), await bundledLicences());
}
