import { spawnSync } from "node:child_process";
import { Command, Option } from "commander";
import {
  contentChanges,
  readSynthOutput,
  installCommand,
  planToolkitMove,
  writeToolkitMove,
} from "../../adopt/migrate-toolkit";
import { LakeformError } from "../../errors";
import { findProject } from "../../terraform/project";
import { synthesize } from "../../terraform/synth";
import { toolkits, type Toolkit } from "../../terraform/toolkit";
import type { MakeCommand } from "../io";
import { makeReporter } from "../progress";
import { printLines } from "../synthesized";
import { noteNode } from "../toolkit-node";

interface Flags {
  readonly to: Toolkit;
  readonly dryRun?: boolean;
  readonly install: boolean;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("migrate-toolkit")
    .description("Migrate the project between cdktf and cdktn: imports, package.json, cdktf.json")
    .addOption(
      new Option("--to <name>", "toolkit to migrate to").choices(toolkits).default("cdktn"),
    )
    .option("--dry-run", "list the files that would change, and change nothing")
    .option(
      "--no-install",
      "only edit the files: do not install packages, and do not compare the synth output",
    )
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nBuilds the app before and after, and exits 2 if the app would deploy something different. All resources keep their names, so the next plan is empty.\nExample: lakeform migrate-toolkit && lakeform review local",
    )
    .action(async (flags: Flags) => {
      const project = findProject(io.cwd);
      const migration = planToolkitMove(project, flags.to);
      const printLine = (text: string): void => void io.stdout.write(`${text}\n`);
      if (migration.files.length === 0) {
        printLine(`the project already uses ${flags.to}: nothing to do`);
        return;
      }
      noteNode(io, flags.to);
      const reporter = makeReporter(io.stderr, flags);
      const build = async (): Promise<ReturnType<typeof readSynthOutput>> => {
        reporter.step(`building ${project.app}`);
        await synthesize(project, io.env, { onWarnings: (text) => printLines(io, text) });
        reporter.done();
        return readSynthOutput(findProject(io.cwd));
      };
      const comparesOutput = flags.install && flags.dryRun !== true;
      const before = comparesOutput ? await build() : undefined;
      for (const { path: file } of migration.files)
        printLine(`${flags.dryRun === true ? "would change" : "changed"}  ${file}`);
      for (const name of migration.unpinned)
        printLine(`check    ${name} in package.json: set to the latest version`);
      for (const file of migration.mentions)
        printLine(`check    ${file} still mentions the other toolkit`);
      if (flags.dryRun === true) return;
      writeToolkitMove(project, migration);
      if (before === undefined) {
        printLine(`next: ${installCommand(project.root).join(" ")} && lakeform synth`);
        return;
      }
      const [manager, ...args] = installCommand(project.root);
      reporter.step([manager, ...args].join(" "));
      const installation = spawnSync(manager, args, {
        cwd: project.root,
        env: io.env,
        encoding: "utf8",
        shell: process.platform === "win32",
      });
      reporter.done();
      if (installation.status !== 0) {
        throw new LakeformError(
          "INSTALL_FAILED",
          `the packages of the other toolkit could not be installed\n\n${installation.stderr.trim()}\n`,
          {
            value: `${[manager, ...args].join(" ")} (exit code ${installation.status ?? "none"})`,
            fix: "the files are changed: fix the problem, install, and run lakeform synth; git diff shows the changes",
            cause: installation.error,
          },
        );
      }
      const changes = contentChanges(before, await build());
      for (const change of changes) printLine(`differs  ${change}`);
      printLine(
        changes.length === 0
          ? `migrated to ${flags.to}: the synth output has the same effect as before. next: lakeform review ENV`
          : `migrated to ${flags.to}: ${changes.length} parts of the synth output differ`,
      );
      if (changes.length > 0) io.exitCode = 2;
    });
