/**
 * Runs a bundle of dist/ from V8's code cache. Without it, compiling the JavaScript is the larger
 * part of each start.
 */
import fs from "node:fs";
import Module, { createRequire } from "node:module";
import path from "node:path";
import { Script } from "node:vm";
import { defined } from "./defined";
import { cacheFolder, readPrivate, writePrivate } from "./private-files";

interface CodeCache {
  /**
   * The name of the cache. Each use of the file has its own cache, which contains the functions
   * that this use needs.
   */
  readonly name: string;
  /** Identifies the content of the file. V8 compares only its length. */
  readonly build: string;
  /**
   * Matches the names of the caches of other uses. As long as this use has no cache, the largest of
   * these is loaded, which contains most of the functions.
   * @default - none
   */
  readonly similar?: string;
  /** Whether the process has used enough of the file to keep its compiled functions. */
  readonly isComplete?: () => boolean;
  /** Called with the reason if the cache cannot be written. @default - prints a warning */
  readonly onFailure?: (message: string) => void;
}

/**
 * Runs a file, and writes its cache when the process ends.
 * @param file a file that contains only ASCII characters
 * @returns the exports of the file
 */
export function loadFromCache(file: string, options: CodeCache): unknown {
  const { name, build, similar, isComplete = () => true, onFailure } = options;
  const fileName = (use: string): string => `${use}-${process.version}-${build}.bin`;
  const cache = path.join(cacheFolder(), fileName(name));
  const ownData = readPrivate(cache);
  const cachedData =
    ownData ??
    (similar === undefined ? undefined : readLargest(new RegExp(`^${fileName(similar)}$`)));
  const source = fs.readFileSync(file, "latin1");
  const script = compileModule(source, file, cachedData);
  if (ownData === undefined || script.cachedDataRejected === true) {
    // At the end, when all needed functions have been compiled.
    process.on("exit", () => {
      if (!isComplete()) return;
      const obsoleteFiles = new RegExp(`^${name}-.*\\.bin$`);
      writePrivate(cache, script.createCachedData(), obsoleteFiles, onFailure);
    });
  }
  const module = { exports: {} };
  runModule(script, file, module);
  return module.exports;
}

/** Compiles a CommonJS module. @param cachedData what V8 compiled before from the same code */
export const compileModule = (code: string, file: string, cachedData?: Buffer): Script =>
  new Script(Module.wrap(code), { filename: nameInTraces(file), ...defined({ cachedData }) });

/**
 * Returns the name of a file in stack traces: `lakeform/dist/cli.js`. V8 keeps it in the cache,
 * which several projects share, so it contains no folder of one of them.
 */
function nameInTraces(file: string): string {
  const parts = file.split(path.sep);
  const modules = parts.lastIndexOf("node_modules");
  return modules === -1
    ? ["lakeform", ...parts.slice(parts.lastIndexOf("dist"))].join("/")
    : parts.slice(modules + 1).join("/");
}

/** Runs a module of {@link compileModule}, as Node's own loader does. */
export function runModule(script: Script, file: string, module: { exports: unknown }): unknown {
  const evaluate = script.runInThisContext() as (this: unknown, ...parts: unknown[]) => unknown;
  const { exports } = module;
  return evaluate.call(exports, exports, createRequire(file), module, file, path.dirname(file));
}

function readLargest(names: RegExp): Buffer | undefined {
  const folder = cacheFolder();
  try {
    const [largest] = fs
      .readdirSync(folder)
      .filter((name) => names.test(name))
      .map((name) => path.join(folder, name))
      .sort((a, b) => fs.statSync(b).size - fs.statSync(a).size);
    return largest === undefined ? undefined : readPrivate(largest);
  } catch {
    return undefined; // no caches yet, or another process has replaced one
  }
}
