import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { LakeformError } from "../../errors";
import type { StateStore } from "../../state/store";
import { table } from "../../run/words";
import { resolveConnection } from "../../terraform/connection";
import { findProject } from "../../terraform/project";
import { selectStacks } from "../../terraform/stack";
import { isInWorkspace } from "../../terraform/workspace-states";
import type { Io, MakeCommand } from "../io";
import { emit } from "../rest";
import { openStates } from "../states";
import { synthesizeFirst } from "../synthesized";
import { openClient, type TargetFlags } from "../target";

interface Flags extends TargetFlags {
  readonly format?: "text" | "json";
}

export const command: MakeCommand = (io) =>
  new Command("state")
    .description("Terraform's state in the workspace: list its versions, pull, push, roll back, unlock")
    .addCommand(listCommand(io))
    .addCommand(pullCommand(io))
    .addCommand(pushCommand(io))
    .addCommand(rollbackCommand(io))
    .addCommand(unlockCommand(io))
    .addHelpText(
      "after",
      '\nFor stacks of environments with the backend { kind: "workspace" } (docs/state.md). A state holds secrets in clear.\nExamples:\n  lakeform state list daily-etl-prod\n  lakeform state pull daily-etl-prod --out backup.tfstate\n  lakeform state rollback daily-etl-prod 7',
    );

const withFlags = (command: Command): Command =>
  command
    .option("--host <url>", "use this workspace instead of the environment's own")
    .option("--profile <name>", "profile in .databrickscfg")
    .option("--no-synth", "use the existing synth output");

const listCommand = (io: Io): Command =>
  withFlags(new Command("list"))
    .description("List the versions that are kept, newest first, and who holds the lock")
    .argument("<stack>")
    .addOption(new Option("--format <format>", "output format").choices(["text", "json"]).default("text"))
    .action(async (name: string, flags: Flags) => {
      const store = await openStore(io, name, flags);
      const [versions, lock] = [await store.versions(), await store.holder()];
      const rows = versions.map(({ number, serial, size, writtenAt, by, key, note }, at) => [
        at === 0 ? "*" : "",
        String(number),
        String(serial),
        String(size),
        writtenAt,
        by,
        [...(key === undefined ? [] : [`encrypted (key ${key})`]), ...(note === undefined ? [] : [note])].join(", "),
      ]);
      const text = rows.length === 0 ? ["no state"] : table([["", "VERSION", "SERIAL", "BYTES", "WRITTEN", "BY", ""], ...rows]);
      const held =
        lock === undefined ? [] : [`locked: ${lock.Operation ?? ""} by ${lock.Who ?? ""} since ${lock.Created ?? ""}; ${lock.Info ?? ""}`];
      const { folder } = store;
      const document = { schema: "lakeform/state/1", stack: name, folder, versions, ...(lock && { lock }) };
      emit(io, flags, document, [...text, ...held].join("\n"));
    });

const pullCommand = (io: Io): Command =>
  withFlags(new Command("pull"))
    .description("Print the state, or a version before")
    .argument("<stack>")
    .argument("[version]", "a number of state list", versionNumber)
    .option("--out <file>", "write it into a file that only you can read")
    .action(async (name: string, version: number | undefined, flags: Flags & { readonly out?: string }) => {
      const store = await openStore(io, name, flags);
      const state = await store.read(version);
      if (state === undefined) throw noState(name);
      if (flags.out === undefined) io.stdout.write(state);
      else fs.writeFileSync(path.resolve(io.cwd, flags.out), state, { mode: 0o600 });
    });

const pushCommand = (io: Io): Command =>
  withFlags(new Command("push"))
    .description("Make a file the state")
    .argument("<stack>")
    .argument("<file>", "a Terraform state of format 4")
    .option("--force", "also one of another lineage, or of an older serial")
    .action(async (name: string, file: string, flags: Flags & { readonly force?: boolean }) => {
      const store = await openStore(io, name, flags);
      const state = fs.readFileSync(path.resolve(io.cwd, file));
      const written = await store.withLock("lakeform state push", (lock) =>
        store.write(state, { lock, note: "pushed", ...(flags.force === true && { force: true }) }),
      );
      io.stdout.write(`the state of ${name} is version ${written.number} (serial ${written.serial})\n`);
    });

const rollbackCommand = (io: Io): Command =>
  withFlags(new Command("rollback"))
    .description("Make a version before the state again; the workspace itself stays as it is")
    .argument("<stack>")
    .argument("<version>", "a number of state list", versionNumber)
    .action(async (name: string, version: number, flags: Flags) => {
      const store = await openStore(io, name, flags);
      const written = await store.withLock("lakeform state rollback", (lock) => store.rollback(version, lock));
      io.stdout.write(
        `the state of ${name} is version ${written.number} (serial ${written.serial}): what version ${version} was; see what differs: lakeform review ${name}\n`,
      );
    });

const unlockCommand = (io: Io): Command =>
  withFlags(new Command("unlock"))
    .description("Break the lock of a Terraform that is not running any more")
    .argument("<stack>")
    .argument("<id>", "the lock, as the error names it, or state list")
    .action(async (name: string, id: string, flags: Flags) => {
      const store = await openStore(io, name, flags);
      if ((await store.holder()) === undefined) {
        io.stdout.write(`the state of ${name} is not locked\n`);
        return;
      }
      await store.unlock(id);
      io.stdout.write(`unlocked the state of ${name}\n`);
    });

function versionNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("a version is a whole number above 0");
  return Number(text);
}

async function openStore(io: Io, name: string, flags: Flags): Promise<StateStore> {
  const project = findProject(io.cwd);
  await synthesizeFirst(io, project, { allowed: flags.synth !== false });
  const stacks = selectStacks(project, [name]);
  const [stack, ...more] = stacks;
  if (stack === undefined || more.length > 0) {
    throw new LakeformError("ONE_STACK_NEEDED", "each stack has a state of its own", {
      value: name,
      allowed: stacks.map((one) => one.name).join(", "),
      fix: "name one of them",
    });
  }
  if (!isInWorkspace(stack)) {
    throw new LakeformError("STATE_ELSEWHERE", `the state of ${stack.name} is not in the workspace`, {
      value: `backend ${JSON.stringify(stack.metadata.profileSettings?.["backend"] ?? "local")}`,
      allowed: '{ kind: "workspace" }',
      fix: `use Terraform itself: eval "$(lakeform env ${stack.metadata.environment})" && terraform -chdir=${stack.directory} state pull`,
    });
  }
  const states = await openStates(io, project, [stack], ({ metadata }) =>
    openClient(io, resolveConnection(project, metadata, io.env, flags)),
  );
  const store = states?.of(stack.name);
  if (store === undefined) throw new Error(`no state of ${stack.name}`);
  return store;
}

const noState = (stack: string): LakeformError =>
  new LakeformError("NO_STATE", "there is no state in the workspace", { path: stack, fix: `lakeform deploy ${stack}` });
