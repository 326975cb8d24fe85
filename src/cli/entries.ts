import type { Entry, MakeCommand } from "./io";

interface CommandModule {
  readonly command: MakeCommand;
}

/* eslint-disable @typescript-eslint/no-require-imports -- loaded lazily: `--help` and each command load only what they use */
/** All commands, in the order of typical use. */
export const commands: readonly Entry[] = [
  {
    name: "init",
    summary: "Create a project",
    load: () => (require("./commands/init") as CommandModule).command,
    interrupted: "the files written so far stay: remove them, then run the command again",
  },
  {
    name: "adopt",
    summary: "Write code for existing objects, and import them",
    load: () => (require("./commands/adopt") as CommandModule).command,
    interrupted: "the files written so far stay (git status): run the command again",
  },
  {
    name: "synth",
    summary: "Build the Terraform configuration of each stack",
    load: () => (require("./commands/synth") as CommandModule).command,
    interrupted: "the last synth output was kept: run the command again",
  },
  {
    name: "review",
    summary: "Show what would change, for review and approval",
    load: () => (require("./commands/review") as CommandModule).command,
  },
  {
    name: "deploy",
    summary: "Plan, ask for approval, apply, verify",
    load: () => (require("./commands/deploy") as CommandModule).command,
    interrupted: "changes made so far are in the state: run the command again to continue",
  },
  {
    name: "verify",
    summary: "Check that the workspace matches the code",
    load: () => (require("./commands/verify") as CommandModule).command,
  },
  {
    name: "destroy",
    summary: "Destroy all resources of a stack",
    load: () => (require("./commands/destroy") as CommandModule).command,
    interrupted:
      "objects destroyed so far are no longer in the state: run the command again to continue",
  },
  {
    name: "diff",
    summary: "Compare two environments",
    load: () => (require("./commands/diff") as CommandModule).command,
  },
  {
    name: "promote",
    summary: "Promote a tested version to the next environment, through gates",
    load: () => (require("./commands/promote") as CommandModule).command,
    interrupted:
      "changes made so far are in the state: run the command again, it starts with the gates",
  },
  {
    name: "promotions",
    summary: "Show the deploys of an environment",
    load: () => (require("./commands/promotions") as CommandModule).command,
  },
  {
    name: "ci",
    summary: "Write a CI pipeline",
    load: () => (require("./commands/ci") as CommandModule).command,
  },
  {
    name: "state",
    summary:
      "Terraform's state in the workspace: versions, pull, push, rollback, unlock, migrate, serve",
    load: () => (require("./commands/state") as CommandModule).command,
    interrupted: "the state may have been written: run the command again to complete it",
  },
  {
    name: "env",
    summary: "Print shell exports for cdktf, terraform and curl",
    load: () => (require("./commands/env") as CommandModule).command,
  },
  {
    name: "workspace",
    summary: "Start, stop and reset the local workspace",
    load: () => (require("./commands/workspace") as CommandModule).command,
    interrupted: "lakeform workspace status shows whether it is running",
  },
  {
    name: "run",
    summary: "Start a job and watch its tasks",
    load: () => (require("./commands/run") as CommandModule).command,
    interrupted: "no run was started: run the command again",
  },
  {
    name: "runs",
    summary: "List runs; show, follow, cancel, repair and export a run",
    load: () => (require("./commands/runs") as CommandModule).command,
    interrupted: "the request may have taken effect: lakeform runs show RUN",
  },
  {
    name: "clusters",
    summary: "List, start and stop clusters",
    load: () => (require("./commands/clusters") as CommandModule).command,
    interrupted: "the request may have taken effect: lakeform clusters list",
  },
  {
    name: "fs",
    summary: "List, copy, remove and print files: dbfs:/, /Volumes, /Workspace, local",
    load: () => (require("./commands/fs") as CommandModule).command,
    interrupted:
      "a file may be incomplete or only some files removed: check with lakeform fs ls, then run the command again with --overwrite",
  },
  {
    name: "secrets",
    summary: "List, put and delete secrets",
    load: () => (require("./commands/secrets") as CommandModule).command,
    interrupted:
      "the request may have taken effect: lakeform secrets list SCOPE; to be sure, run the command again",
  },
  {
    name: "tokens",
    summary: "List, create and revoke access tokens; warn before they expire",
    load: () => (require("./commands/tokens") as CommandModule).command,
    interrupted:
      "a token may have been created without its value: lakeform tokens list, then lakeform tokens revoke ID",
  },
  {
    name: "api",
    summary: "Call any route of the REST API",
    load: () => (require("./commands/api") as CommandModule).command,
    interrupted: "the call may have taken effect: check its effect before you repeat it",
  },
  {
    name: "doctor",
    summary: "Diagnose the setup and suggest fixes",
    load: () => (require("./commands/doctor") as CommandModule).command,
  },
  {
    name: "migrate-toolkit",
    summary: "Migrate the project between cdktf and cdktn",
    load: () => (require("./commands/migrate-toolkit") as CommandModule).command,
    interrupted: "git diff shows the files that were changed: install, then lakeform synth",
  },
  {
    name: "completion",
    summary: "Print a completion script for bash, zsh or fish",
    load: () => (require("./commands/completion") as CommandModule).command,
  },
];
/* eslint-enable @typescript-eslint/no-require-imports */
