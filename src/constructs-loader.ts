/**
 * The code of `lakeform/constructs` (dist/constructs/index.js): it runs the bundle of all
 * constructs from V8's code cache. Finding, reading and compiling a file for each construct took
 * longer than everything else that the library does in a small app.
 */
import Module from "node:module";
import path from "node:path";
import { loadFromCache } from "./code-cache";

/** The hash of bundle.js, from scripts/build.mjs. */
declare const BUILD: string;

/**
 * @param module the module of dist/constructs/index.js
 * @param requireBundle loads the bundle as any other file
 * @returns the exports of the constructs
 */
export function loadConstructs(module: unknown, requireBundle: () => unknown): unknown {
  // Other loaders, such as jest's, run their files in a separate context and have a cache of
  // modules of their own. A script from the code cache would run outside of both.
  if (!(module instanceof Module)) return requireBundle();
  return loadFromCache(path.join(__dirname, "bundle.js"), {
    name: "constructs",
    build: BUILD,
    // An app that failed has used little of the code.
    isComplete: () => (process.exitCode ?? 0) === 0,
    onFailure: () => undefined, // costs only time: the next app compiles again
  });
}
