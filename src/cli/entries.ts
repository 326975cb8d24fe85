import type { MakeCommand } from "./io";

/** A command, loaded only when it (or its help) is needed. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => MakeCommand;
  /** What an interrupt may leave behind, and the next command. @default nothing */
  readonly interrupted?: string;
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded lazily: `--help` and each command pay only for what they use */
// without the extension, so that it is found compiled and, in tests, as TypeScript
const load = (file: string): MakeCommand =>
  (require(file.replace(/\.js$/, "")) as { command: MakeCommand }).command;
/* eslint-enable @typescript-eslint/no-require-imports */

/** All commands, in the order of typical use. */
export const commands: readonly Entry[] = [
  {
    name: "init",
    summary: "Create a project",
    load: () => load("./commands/init.js"),
    interrupted: "the files written so far stay: remove them, then run the command again",
  },
  {
    name: "adopt",
    summary: "Write code for existing objects, and import them",
    load: () => load("./commands/adopt.js"),
    interrupted: "the files written so far stay (git status): run the command again",
  },
  {
    name: "synth",
    summary: "Build the Terraform configuration of each stack",
    load: () => load("./commands/synth.js"),
    interrupted: "the last synth output was kept: run the command again",
  },
  {
    name: "review",
    summary: "Show what would change, for review and approval",
    load: () => load("./commands/review.js"),
  },
  {
    name: "deploy",
    summary: "Plan, ask for approval, apply, verify",
    load: () => load("./commands/deploy.js"),
    interrupted: "changes made so far are in the state: run the command again to continue",
  },
  {
    name: "verify",
    summary: "Check that the workspace matches the code",
    load: () => load("./commands/verify.js"),
  },
  {
    name: "destroy",
    summary: "Destroy all resources of a stack",
    load: () => load("./commands/destroy.js"),
    interrupted:
      "objects destroyed so far are no longer in the state: run the command again to continue",
  },
  { name: "diff", summary: "Compare two environments", load: () => load("./commands/diff.js") },
  {
    name: "promote",
    summary: "Promote a tested version to the next environment, through gates",
    load: () => load("./commands/promote.js"),
    interrupted:
      "changes made so far are in the state: run the command again, it starts with the gates",
  },
  {
    name: "promotions",
    summary: "Show the deployed version of an environment",
    load: () => load("./commands/promotions.js"),
  },
  { name: "ci", summary: "Write a CI pipeline", load: () => load("./commands/ci.js") },
  {
    name: "state",
    summary:
      "Terraform's state in the workspace: versions, pull, push, rollback, unlock, migrate, serve",
    load: () => load("./commands/state.js"),
    interrupted: "lakeform state list STACK shows whether a state was written",
  },
  {
    name: "env",
    summary: "Print shell exports for cdktf, terraform and curl",
    load: () => load("./commands/env.js"),
  },
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
    interrupted: "the request may have taken effect: lakeform runs show RUN",
  },
  {
    name: "clusters",
    summary: "List, start and stop clusters",
    load: () => load("./commands/clusters.js"),
    interrupted: "the request may have taken effect: lakeform clusters list",
  },
  {
    name: "fs",
    summary: "List, copy, remove and print files: dbfs:/, /Volumes, /Workspace, local",
    load: () => load("./commands/fs.js"),
    interrupted:
      "a file may be incomplete or only some files removed: check with lakeform fs ls, then run the command again with --overwrite",
  },
  {
    name: "secrets",
    summary: "List, put and delete secrets",
    load: () => load("./commands/secrets.js"),
    interrupted:
      "the request may have taken effect: lakeform secrets list SCOPE; to be sure, run the command again",
  },
  {
    name: "tokens",
    summary: "List, create and revoke access tokens; warn before they expire",
    load: () => load("./commands/tokens.js"),
    interrupted:
      "a token may have been created without its value: lakeform tokens list, then lakeform tokens revoke ID",
  },
  {
    name: "api",
    summary: "Call any route of the REST API",
    load: () => load("./commands/api.js"),
    interrupted: "the call may have taken effect: check its effect before you repeat it",
  },
  {
    name: "doctor",
    summary: "Diagnose the setup and suggest fixes",
    load: () => load("./commands/doctor.js"),
  },
  {
    name: "migrate-toolkit",
    summary: "Move the project from cdktf to cdktn, or back",
    load: () => load("./commands/migrate-toolkit.js"),
    interrupted: "git diff shows the files that were changed: install, then lakeform synth",
  },
  {
    name: "completion",
    summary: "Print a completion script for bash, zsh or fish",
    load: () => load("./commands/completion.js"),
  },
];
