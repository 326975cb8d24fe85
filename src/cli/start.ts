/**
 * The entry of bin/lakeform.js, built as dist/lakeform.js. It loads the bundle of all commands from
 * V8's code cache. Each command has its own cache, with the functions that it uses.
 */
import path from "node:path";
import { loadFromCache } from "../code-cache";
import type * as Main from "./main";

/** The hash of cli.js, from scripts/build.mjs. */
declare const BUILD: string;

export function start(argv: readonly string[]): Promise<number> {
  // The help of a command uses little of its code.
  const isHelp = argv.includes("--help") || argv.includes("-h");
  const word = (isHelp ? undefined : argv.find((argument) => !argument.startsWith("-"))) ?? "help";
  const loadedModule = loadFromCache(path.join(__dirname, "cli.js"), {
    name: `cli-${word.replaceAll(/[^\w-]/g, "")}`,
    build: BUILD,
    similar: "cli-[\\w-]+",
    // A command that failed has used little of its code.
    isComplete: () => process.exitCode !== 1 && (word === "help" || main.isCommand(word)),
    onFailure: () => undefined, // costs only time: the next command compiles again
  });
  const main = loadedModule as typeof Main;
  return main.main(argv);
}
