import { Command, CommanderError, Help, type Option } from "commander";
import { LakeformError, formatError } from "../errors";
import { fileError } from "./file-error";
import { exitCodeOf, interruptedBy, handleSignals, claimInterruptReport } from "../interrupt";
import { runAtEnd } from "./at-end";
import { showExchanges } from "./debug";
import { commands } from "./entries";
import type { Io } from "./io";
import { overview } from "./overview";
import { ProjectSecrets } from "./project-secrets";
import { printableLines } from "../printable";
import { packageVersion } from "./package-version";

/** Runs one command. @returns the exit code: 0 success, 1 error, 2 a negative result */
export async function main(argv: readonly string[], overrides: Partial<Io> = {}): Promise<number> {
  const [env, cwd] = [overrides.env ?? process.env, overrides.cwd ?? process.cwd()];
  const io: Io = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env,
    cwd,
    secrets: new ProjectSecrets(cwd, env),
    exitCode: 0,
    ...overrides,
  };
  const debug = argv.includes("--debug");
  // A final safety net: secrets in messages are already masked where the messages are created.
  const print = (text: string): void =>
    void io.stderr.write(`${printableLines(io.secrets.mask().ownText(text))}\n`);
  const endDebug = debug ? showExchanges(io) : undefined;
  const args = argv.filter((word) => word !== "--debug");
  const words = args[0] === "help" ? [...args.slice(1), "--help"] : args;
  if (words.length === 0) {
    io.stdout.write(printableLines(overview(io)));
    return 0;
  }
  const stopHandlingSignals = handleSignals(
    commands.find(({ name }) => name === words.find(isWord))?.interrupted ?? "nothing was changed",
  );
  try {
    await makeProgram(words, io).parseAsync(words, { from: "user" });
    const signal = interruptedBy();
    return signal === undefined ? io.exitCode : exitCodeOf(signal);
  } catch (error) {
    // The parser has already printed the help or the version.
    if (error instanceof CommanderError && /^commander\.(help|version)/.test(error.code))
      return error.exitCode;
    if (error instanceof CommanderError) {
      print(formatError(usageError(error, argv)));
      return 1;
    }
    const knownError = error instanceof LakeformError ? error : fileError(error);
    if (knownError !== undefined) {
      if (knownError.code !== "INTERRUPTED" || claimInterruptReport())
        print(formatError(knownError));
      if (debug && error instanceof Error && error.stack !== undefined) print(error.stack);
      return knownError.details.exitCode ?? 1;
    }
    print(`UNEXPECTED: ${error instanceof Error ? error.message : String(error)}`);
    if (debug && error instanceof Error && error.stack !== undefined) print(error.stack);
    else
      io.stderr.write("  this is a bug in lakeform: run again with --debug for the stack trace\n");
    return 1;
  } finally {
    await runAtEnd(io);
    endDebug?.();
    stopHandlingSignals();
  }
}

/**
 * Converts an error of the option parser to a lakeform error. The message of the parser is a line,
 * which can end with the allowed values, and a second line with a suggestion.
 */
function usageError({ message }: CommanderError, argv: readonly string[]): LakeformError {
  const [firstLine = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const [sentence, allowed] = firstLine.split(/\. Allowed choices are |\. (?=[a-z])/);
  const command = argv.find(isCommand);
  const help = `lakeform ${command === undefined ? "" : `${command} `}--help`;
  return new LakeformError("USAGE", `invalid command line: ${sentence ?? firstLine}`, {
    allowed: allowed?.replace(/^must be /, "").replace(/\.$/, ""),
    fix:
      suggestion === undefined
        ? help
        : `${suggestion.replace(/^\((.*)\)$/, "$1").replace("Did you", "did you")} (${help})`,
  });
}

export const isCommand = (word: string): boolean => commands.some(({ name }) => name === word);
const isWord = (word: string): boolean => !word.startsWith("-");

function makeProgram(argv: readonly string[], io: Io): Command {
  const root = new Command("lakeform")
    .description("Databricks as code in TypeScript: write, review, deploy, verify, promote")
    .option("--debug", "show stack traces and redacted HTTP exchanges")
    // Read the version only if needed, because every command runs this code.
    .version(
      argv.includes("--version") ? packageVersion() : "",
      "--version",
      "print the version of lakeform",
    )
    .helpCommand(false)
    .addHelpText(
      "after",
      "\nExit codes: 0 success, 1 error, 2 negative result (drift, a failed run, a closed gate).\nResults go to stdout, progress and errors to stderr.",
    );
  const commandName = argv.find(isWord);
  for (const entry of commands) {
    const command =
      entry.name === commandName ? entry.load()(io, commands) : new Command(entry.name);
    root.addCommand(command.description(command.description() || entry.summary));
  }
  // Hides the default of a repeatable option, which is an empty list or object.
  const isEmpty = (value: unknown): boolean =>
    typeof value === "object" && value !== null && Object.keys(value).length === 0;
  class CommandHelp extends Help {
    override optionDescription(option: Option): string {
      if (!isEmpty(option.defaultValue) || option.defaultValueDescription !== undefined)
        return super.optionDescription(option);
      return option.description;
    }
  }
  const configure = (command: Command): void => {
    command.createHelp = () => Object.assign(new CommandHelp(), command.configureHelp());
    command.exitOverride().configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // The caller reports the error with its code.
      outputError: () => undefined,
    });
    command.commands.forEach(configure);
  };
  configure(root);
  return root;
}
