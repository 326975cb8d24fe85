import { Command, CommanderError } from "commander";
import { LakeformError, formatError } from "../errors";
import { exitCodeOf, interruptedBy, listen } from "../interrupt";
import { end } from "./at-end";
import { showExchanges } from "./debug";
import type { Io, MakeCommand } from "./io";
import { ProjectSecrets } from "./project-secrets";
import { printableLines } from "../printable";
import { packageVersion } from "./package-version";

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => MakeCommand;
  /** What an interrupt of it may leave, and what to do. @default nothing */
  readonly interrupted?: string;
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded lazily: `--help` and each command pay only for what they use */
// without the extension, so that it is found compiled and, in tests, as TypeScript
const load = (file: string): MakeCommand => (require(file.replace(/\.js$/, "")) as { command: MakeCommand }).command;
/* eslint-enable @typescript-eslint/no-require-imports */

/** The commands, in the order of use. */
const commands: readonly Entry[] = [
  {
    name: "init",
    summary: "Create a project",
    load: () => load("./commands/init.js"),
    interrupted: "the files written so far stay: remove them, then run the command again",
  },
  {
    name: "adopt",
    summary: "Write code for what a workspace has, and import it",
    load: () => load("./commands/adopt.js"),
    interrupted: "the files written so far stay (git status): run the command again",
  },
  {
    name: "synth",
    summary: "Build the Terraform configuration of each stack",
    load: () => load("./commands/synth.js"),
    interrupted: "the last synth output was kept: run the command again",
  },
  { name: "review", summary: "Show what would change, for review and approval", load: () => load("./commands/review.js") },
  {
    name: "deploy",
    summary: "Plan, ask for approval, apply, verify",
    load: () => load("./commands/deploy.js"),
    interrupted: "what was applied before is in the state: run the command again, it continues from there",
  },
  { name: "verify", summary: "Check that the workspace matches the code", load: () => load("./commands/verify.js") },
  {
    name: "destroy",
    summary: "Destroy all resources of a stack",
    load: () => load("./commands/destroy.js"),
    interrupted: "what was destroyed before is no longer in the state: run the command again, it continues from there",
  },
  { name: "diff", summary: "Compare two environments", load: () => load("./commands/diff.js") },
  {
    name: "promote",
    summary: "Promote a tested version to the next environment, through gates",
    load: () => load("./commands/promote.js"),
    interrupted: "what was applied before is in the state: run the command again, it starts with the gates",
  },
  { name: "promotions", summary: "Show the deployed version of an environment", load: () => load("./commands/promotions.js") },
  { name: "ci", summary: "Write a CI pipeline", load: () => load("./commands/ci.js") },
  {
    name: "state",
    summary: "Terraform's state in the workspace: versions, pull, push, rollback, unlock, migrate, serve",
    load: () => load("./commands/state.js"),
    interrupted: "lakeform state list STACK shows whether a state was written",
  },
  { name: "env", summary: "Print shell exports for cdktf, terraform and curl", load: () => load("./commands/env.js") },
  {
    name: "workspace",
    summary: "Start, stop and reset the local workspace",
    load: () => load("./commands/workspace.js"),
    interrupted: "lakeform workspace status shows whether it is running",
  },
  {
    name: "run",
    summary: "Start a job and watch its tasks",
    load: () => load("./commands/run.js"),
    interrupted: "no run was started: run the command again",
  },
  {
    name: "runs",
    summary: "List runs; show, follow, cancel, repair and export a run",
    load: () => load("./commands/runs.js"),
    interrupted: "what was sent may have taken effect: lakeform runs show RUN",
  },
  {
    name: "clusters",
    summary: "List, start and stop clusters",
    load: () => load("./commands/clusters.js"),
    interrupted: "what was sent may have taken effect: lakeform clusters list",
  },
  {
    name: "fs",
    summary: "List, copy, remove and print files: dbfs:/, /Volumes, /Workspace, local",
    load: () => load("./commands/fs.js"),
    interrupted: "a file that was being written or removed: lakeform fs ls shows what is there; copy it again with --overwrite",
  },
  {
    name: "secrets",
    summary: "List, put and delete secrets",
    load: () => load("./commands/secrets.js"),
    interrupted: "what was sent may have taken effect: lakeform secrets list SCOPE; to be sure, run the command again",
  },
  {
    name: "tokens",
    summary: "List, create and revoke access tokens; warn before they expire",
    load: () => load("./commands/tokens.js"),
    interrupted: "a token may have been created without its value: lakeform tokens list, then lakeform tokens revoke ID",
  },
  {
    name: "api",
    summary: "Call any route of the REST API",
    load: () => load("./commands/api.js"),
    interrupted: "the call may have taken effect: look before you repeat it",
  },
  { name: "doctor", summary: "Diagnose the setup and suggest fixes", load: () => load("./commands/doctor.js") },
];

/** Runs one command. @returns the exit code: 0 fine, 1 error, 2 the answer is "no" */
export async function main(argv: readonly string[], given: Partial<Io> = {}): Promise<number> {
  const [env, cwd] = [given.env ?? process.env, given.cwd ?? process.cwd()];
  const io: Io = {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env,
    cwd,
    secrets: new ProjectSecrets(cwd, env),
    exitCode: 0,
    ...given,
  };
  const debug = argv.includes("--debug");
  // Last safety net: secrets in messages are already masked at the source.
  const tell = (text: string): void => void io.stderr.write(`${printableLines(io.secrets.mask().structure(text))}\n`);
  const endDebug = debug ? showExchanges(io) : undefined;
  const asked = argv.filter((word) => word !== "--debug");
  const words = asked[0] === "help" ? [...asked.slice(1), "--help"] : asked;
  const endListening = listen(commands.find(({ name }) => name === words.find(isWord))?.interrupted ?? "nothing was changed");
  try {
    await program(words, io).parseAsync(words, { from: "user" });
    const signal = interruptedBy();
    return signal === undefined ? io.exitCode : exitCodeOf(signal);
  } catch (error) {
    // (help was already printed)
    if (error instanceof CommanderError && /^commander\.(help|version)/.test(error.code)) return error.exitCode;
    if (error instanceof CommanderError) {
      tell(formatError(usage(error, argv)));
      return 1;
    }
    if (error instanceof LakeformError) {
      tell(formatError(error));
      if (debug && error.stack !== undefined) tell(error.stack);
      return error.details.exitCode ?? 1;
    }
    tell(`UNEXPECTED: ${error instanceof Error ? error.message : String(error)}`);
    if (debug && error instanceof Error && error.stack !== undefined) tell(error.stack);
    else io.stderr.write("  this is a bug in lakeform: run again with --debug for the stack trace\n");
    return 1;
  } finally {
    await end(io);
    endDebug?.();
    endListening();
  }
}

/** Converts errors of the option parser to lakeform errors. */
function usage({ message }: CommanderError, argv: readonly string[]): LakeformError {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n");
  const [sentence, allowed] = what.split(/\. Allowed choices are |\. (?=[a-z])/);
  const command = argv.find((word) => commands.some(({ name }) => name === word));
  const help = `lakeform ${command === undefined ? "" : `${command} `}--help`;
  return new LakeformError("USAGE", `cannot read the command line: ${sentence ?? what}`, {
    allowed: allowed?.replace(/\.$/, ""),
    fix: suggestion === undefined ? help : `${suggestion.replace(/^\((.*)\)$/, "$1").replace("Did you", "did you")} (${help})`,
  });
}

const isWord = (word: string): boolean => !word.startsWith("-");

function program(argv: readonly string[], io: Io): Command {
  const root = new Command("lakeform")
    .description("Databricks as code in TypeScript: write, review, deploy, verify, promote")
    .option("--debug", "show stack traces and redacted HTTP exchanges")
    // (read lazily: every command runs through here)
    .version(argv.includes("--version") ? packageVersion() : "", "--version", "print the version of lakeform")
    .helpCommand(false)
    .addHelpText(
      "after",
      "\nExit codes: 0 fine, 1 error, 2 the answer is no (drift, a failed run, a closed gate).\nstdout carries the result, stderr the progress.",
    );
  const asked = argv.find(isWord);
  for (const entry of commands) {
    const command = entry.name === asked ? entry.load()(io) : new Command(entry.name);
    root.addCommand(command.description(command.description() || entry.summary));
  }
  const configure = (command: Command): void => {
    command.exitOverride().configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // reported with its code where it is caught
      outputError: () => undefined,
    });
    command.commands.forEach(configure);
  };
  configure(root);
  return root;
}
