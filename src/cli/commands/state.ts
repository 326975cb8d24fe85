import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { defined } from "../../defined";
import { outputStyle } from "../terminal";
import { writeOutput } from "../output";
import type { Client } from "../../api/client";
import { LakeformError } from "../../errors";
import { migrateState, takeOverState, type MigrateOptions } from "../../deploy/migrate-state";
import type { StateStore } from "../../state/store";
import { printable } from "../../printable";
import { renderListing, formatSize, formatTime } from "../../run/format";
import { resolveConnection } from "../../terraform/connection";
import { findProject } from "../../terraform/project";
import type { SynthesizedStack } from "../../terraform/stack";
import { selectStacks } from "../../terraform/stack-selection";
import { isEncrypted } from "../../terraform/encryption";
import { stateFromFile } from "../../terraform/state";
import { isInWorkspace } from "../../terraform/workspace-states";
import type { Io, MakeCommand } from "../io";
import { emit } from "../rest";
import { openStates } from "../states";
import { printLines, synthesizeFirst } from "../synthesized";
import { openClient, openTargets, whoAmI, type Target, type TargetFlags } from "../target";
import { untilStopped } from "../../interrupt";
import { announceStateServer } from "../served-states";
import { hostOption, profileOption } from "../target-options";

interface Flags extends TargetFlags {
  readonly format?: "text" | "json";
}

export const command: MakeCommand = (io) =>
  new Command("state")
    .description(
      "Terraform's state in the workspace: list its versions, pull, push, roll back, unlock, migrate, serve",
    )
    .addCommand(listCommand(io))
    .addCommand(pullCommand(io))
    .addCommand(pushCommand(io))
    .addCommand(rollbackCommand(io))
    .addCommand(unlockCommand(io))
    .addCommand(migrateCommand(io))
    .addCommand(serveCommand(io))
    .addHelpText(
      "after",
      '\nFor stacks of environments with the backend { kind: "workspace" } (docs/state.md). A state contains secrets in clear text.\nExamples:\n  lakeform state list daily-etl-prod\n  lakeform state pull daily-etl-prod --out backup.tfstate\n  lakeform state rollback daily-etl-prod 7',
    );

const withConnectionFlags = (command: Command): Command =>
  command
    .addOption(hostOption())
    .addOption(profileOption())
    .option("--no-synth", "use the existing synth output");

const listCommand = (io: Io): Command =>
  withConnectionFlags(new Command("list"))
    .description("List the kept versions, newest first, and the holder of the lock")
    .addHelpText("after", "\nExample: lakeform state list daily-etl-prod")
    .argument("<stack>")
    .addOption(
      new Option("--format <format>", "output format").choices(["text", "json"]).default("text"),
    )
    .action(async (name: string, flags: Flags) => {
      const store = await openStore(io, name, flags);
      const [versions, lock] = [await store.versions(), await store.lock.holder()];
      const rows = versions.map(
        ({ number, serial, size: bytes, writtenAt, by, key, note }, index) => [
          index === 0 ? "*" : "",
          String(number),
          String(serial),
          formatSize(bytes),
          formatTime(Date.parse(writtenAt)),
          by,
          [
            ...(key === undefined ? [] : [`encrypted (key ${key})`]),
            ...(note === undefined ? [] : [note]),
          ].join(", "),
        ],
      );
      const text = renderListing(
        "no state",
        ["", "VERSION", "SERIAL", "SIZE", "WRITTEN (UTC)", "BY", "NOTE"],
        rows,
        outputStyle(io).width,
      );
      const lockLines =
        lock === undefined
          ? []
          : [
              printable(
                `locked: ${lock.Operation ?? ""} by ${lock.Who ?? ""} since ${lock.Created ?? ""}; ${lock.Info ?? ""}`,
              ),
            ];
      const { folder } = store;
      const document = {
        schema: "lakeform/state/1",
        stack: name,
        folder,
        versions,
        ...defined({ lock }),
      };
      emit(io, flags, document, [text, ...lockLines].join("\n"));
    });

const pullCommand = (io: Io): Command =>
  withConnectionFlags(new Command("pull"))
    .description("Print the state, or an earlier version")
    .addHelpText(
      "after",
      "\nAn encrypted state is decrypted. The output contains secrets in clear text.\nExample: lakeform state pull daily-etl-prod 7 --out backup.tfstate",
    )
    .argument("<stack>")
    .argument("[version]", "version number, from lakeform state list", parseVersionNumber)
    .option("--out <file>", "write to a file that only you can read")
    .action(
      async (
        name: string,
        version: number | undefined,
        flags: Flags & { readonly out?: string },
      ) => {
        const store = await openStore(io, name, flags);
        const state = await store.read(version);
        if (state === undefined) throw noStateError(name);
        if (flags.out === undefined) io.stdout.write(state);
        else writeOutput(path.resolve(io.cwd, flags.out), state, 0o600);
      },
    );

const pushCommand = (io: Io): Command =>
  withConnectionFlags(new Command("push"))
    .description("Replace the state with a file")
    .addHelpText(
      "after",
      "\nThe file must have the lineage of the current state and at least its serial; --force skips this check.\nExample: lakeform state push daily-etl-prod backup.tfstate",
    )
    .argument("<stack>")
    .argument("<file>", "a Terraform state of format 4")
    .option("--force", "accept another lineage or an older serial")
    .action(async (name: string, file: string, flags: Flags & { readonly force?: boolean }) => {
      const filePath = path.resolve(io.cwd, file);
      // Terraform or OpenTofu is only needed to decrypt an encrypted state.
      const target = isEncrypted(fs.readFileSync(filePath))
        ? await openOne(io, name, flags)
        : undefined;
      const state =
        target === undefined
          ? fs.readFileSync(filePath)
          : await stateFromFile(target.terraform, target.stack, filePath);
      const store = await openStore(io, name, flags);
      const version = await store.lock.during("lakeform state push", (lock) =>
        store.write(state, { lock, note: "pushed", ...(flags.force === true && { force: true }) }),
      );
      io.stdout.write(
        `the state of ${name} is version ${version.number} (serial ${version.serial})\n`,
      );
    });

const rollbackCommand = (io: Io): Command =>
  withConnectionFlags(new Command("rollback"))
    .description(
      "Restore an earlier version of the state; the objects in the workspace do not change",
    )
    .addHelpText(
      "after",
      "\nThe restored state becomes a new version, so a rollback can be undone.\nExample: lakeform state rollback daily-etl-prod 7",
    )
    .argument("<stack>")
    .argument("<version>", "version number, from lakeform state list", parseVersionNumber)
    .action(async (name: string, version: number, flags: Flags) => {
      const store = await openStore(io, name, flags);
      const newVersion = await store.lock.during("lakeform state rollback", (lock) =>
        store.rollback(version, lock),
      );
      io.stdout.write(
        `the state of ${name} is version ${newVersion.number} (serial ${newVersion.serial}), restored from version ${version}; show the differences: lakeform review ${name}\n`,
      );
    });

const unlockCommand = (io: Io): Command =>
  withConnectionFlags(new Command("unlock"))
    .description("Break the lock of a Terraform process that no longer runs")
    .addHelpText(
      "after",
      "\nMake sure that the process has ended: two processes that write one state corrupt it.\nExample: lakeform state unlock daily-etl-prod LOCK_ID",
    )
    .argument("<stack>")
    .argument("<id>", "id of the lock, from the error message or from lakeform state list")
    .action(async (name: string, id: string, flags: Flags) => {
      const store = await openStore(io, name, flags);
      if ((await store.lock.holder()) === undefined) {
        io.stdout.write(`the state of ${name} is not locked\n`);
        return;
      }
      await store.lock.release(id);
      io.stdout.write(`unlocked the state of ${name}\n`);
    });

const migrateCommand = (io: Io): Command =>
  withConnectionFlags(new Command("migrate"))
    .description("Copy the state from the backend of the last deploy to the backend in the code")
    .argument("<stack>")
    .option("--from <file>", "file with the state, if there is no deployment record")
    .option("--from-stack <old>", "old name of a renamed stack; the stack takes over its objects")
    .option("--break-lock <id>", "take over the lock of a deploy that is no longer running")
    .addHelpText(
      "after",
      "\nThe old state is kept. Change the backend in the code first.\nIf you renamed the stack, use --from-stack before you deploy it under its new name.\nExamples:\n  lakeform state migrate daily-etl-prod\n  lakeform state migrate sales-etl-prod --from-stack daily-etl-prod",
    )
    .action(async (name: string, flags: MigrateFlags) => {
      if (flags.fromStack !== undefined)
        return takeOverRenamedStack(io, name, flags.fromStack, flags);
      const target = await openOne(io, name, flags);
      const { from, to, serial } = await migrateState(
        target,
        await migrateOptions(io, target, flags),
        flags.from === undefined ? undefined : path.resolve(io.cwd, flags.from),
      );
      io.stdout.write(`the state of ${name} (serial ${serial}) was copied from ${from} to ${to}\n`);
    });

interface MigrateFlags extends Flags {
  readonly from?: string;
  readonly fromStack?: string;
  readonly breakLock?: string;
}

const migrateOptions = async (
  io: Io,
  target: Target,
  { breakLock }: MigrateFlags,
): Promise<MigrateOptions> => ({
  by: await whoAmI(target),
  ...defined({ breakLock }),
  note: (text) => printLines(io, text),
});

async function takeOverRenamedStack(
  io: Io,
  name: string,
  previousName: string,
  flags: MigrateFlags,
): Promise<void> {
  const [target, oldTarget, ...others] = await openTargets(io, [name, previousName], flags, {
    variables: "optional",
    includeRemoved: true,
  });
  if (target === undefined || oldTarget?.removed === undefined || others.length > 0)
    throw new LakeformError(
      "NOT_RENAMED",
      "state migrate --from-stack needs a stack in the code and a deployed one that the code no longer has",
      {
        value: `${name}, ${previousName}`,
        fix: "lakeform verify ENVIRONMENT lists the stacks that the code no longer has",
      },
    );
  const { serial } = await takeOverState(
    target,
    oldTarget.removed,
    await migrateOptions(io, target, flags),
  );
  io.stdout.write(
    `${name} now has the state of ${previousName} (serial ${serial}); show what a deploy changes: lakeform review ${name}\n`,
  );
}

const serveCommand = (io: Io): Command =>
  withConnectionFlags(new Command("serve"))
    .description(
      "Serve the states of an environment to plain Terraform and cdktf on this machine, until Ctrl-C",
    )
    .argument("<environment>")
    .addHelpText(
      "after",
      '\nExample:\n  lakeform state serve dev &\n  eval "$(lakeform env dev)"\n  npx cdktf deploy daily-etl-dev',
    )
    .action(async (environment: string, flags: Flags) => {
      const project = findProject(io.cwd);
      await synthesizeFirst(io, project, { allowed: flags.synth !== false });
      const stacks = selectStacks(project, [environment]);
      const [stackWithState] = stacks.filter(isInWorkspace);
      const clientOf = ({ metadata }: SynthesizedStack): Client =>
        openClient(io, resolveConnection(project, metadata, io.env, flags));
      const states = await openStates(io, project, stacks, clientOf, { forOtherProcesses: true });
      if (stackWithState === undefined || states === undefined)
        throw stateElsewhereError(stacks[0]);
      const name = stackWithState.metadata.environment;
      const remove = announceStateServer(project, name, states.environment);
      io.stdout.write(`serving the states of ${name}: eval "$(lakeform env ${name})"\n`);
      await untilStopped();
      remove();
    });

function parseVersionNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError("must be a version number above 0");
  return Number(text);
}

/** Opens the stack with its Terraform or OpenTofu, which can decrypt its state. */
async function openOne(io: Io, name: string, flags: Flags): Promise<Target> {
  const targets = await openTargets(io, [name], flags, {
    variables: "optional",
    onlyDecrypts: true,
  });
  const [target] = targets;
  if (target !== undefined && targets.length === 1) return target;
  throw oneStackError(
    name,
    targets.map(({ stack }) => stack.name),
  );
}

async function openStore(io: Io, name: string, flags: Flags): Promise<StateStore> {
  const project = findProject(io.cwd);
  await synthesizeFirst(io, project, { allowed: flags.synth !== false });
  const stacks = selectStacks(project, [name]);
  const [stack, ...otherStacks] = stacks;
  if (stack === undefined || otherStacks.length > 0)
    throw oneStackError(
      name,
      stacks.map((stack) => stack.name),
    );
  if (!isInWorkspace(stack)) throw stateElsewhereError(stack);
  const states = await openStates(io, project, [stack], ({ metadata }) =>
    openClient(io, resolveConnection(project, metadata, io.env, flags)),
  );
  const store = states?.storeOf(stack.name);
  if (store === undefined) throw new Error(`no state of ${stack.name}`);
  return store;
}

const oneStackError = (value: string, stacks: readonly string[]): LakeformError =>
  new LakeformError(
    "ONE_STACK_NEEDED",
    "each stack has its own state, and this command needs one stack",
    {
      value,
      allowed: stacks.join(", "),
      fix: "name one of these stacks",
    },
  );

function stateElsewhereError(stack: SynthesizedStack | undefined): LakeformError {
  const { name = "", metadata, directory = "" } = stack ?? {};
  return new LakeformError("STATE_ELSEWHERE", `the state of ${name} is not in the workspace`, {
    value: `backend ${JSON.stringify(metadata?.profileSettings?.["backend"] ?? "local")}`,
    allowed: '{ kind: "workspace" }',
    fix: `use Terraform itself: eval "$(lakeform env ${metadata?.environment ?? ""})" && terraform -chdir=${directory} state pull`,
  });
}

const noStateError = (stack: string): LakeformError =>
  new LakeformError("NO_STATE", "there is no state in the workspace", {
    path: stack,
    fix: `lakeform deploy ${stack}`,
  });
