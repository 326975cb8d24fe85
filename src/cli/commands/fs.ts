import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import { outputStyle } from "../terminal";
import { copy } from "../../run/copy";
import { FileSystem } from "../../run/files";
import { parseLocation, displayPath, type FileLocation } from "../../run/file-location";
import { progressBar } from "../../run/progress-bar";
import { printable, printableJson } from "../../printable";
import { formatSize, renderListing, formatTime } from "../../run/format";
import { LakeformError } from "../../errors";
import { interruptedBy, exitCodeOf, onInterrupt } from "../../interrupt";
import { ask } from "../questions";
import type { Io, MakeCommand } from "../io";
import { emit, openRest, withRestFlags, type RestFlags } from "../rest";

const allowedPaths = "dbfs:/…, /Volumes/…, /Workspace/…, or a local path";

export const command: MakeCommand = (io) =>
  new Command("fs")
    .description("List, copy, remove and print files: dbfs:/, /Volumes, /Workspace, local")
    .addCommand(lsCommand(io))
    .addCommand(cpCommand(io))
    .addCommand(rmCommand(io))
    .addCommand(catCommand(io))
    .addHelpText(
      "after",
      "\nA path starts with dbfs:/, /Volumes/ or /Workspace/; any other path is on this machine.\nExamples:\n  lakeform fs ls /Volumes\n  lakeform fs cp data.json dbfs:/tmp/data.json --overwrite\n  lakeform fs cp -r /Workspace/Shared/etl ./etl\n  lakeform fs cat dbfs:/tmp/data.json",
    );

const openFileSystem = async (io: Io, flags: RestFlags): Promise<FileSystem> =>
  new FileSystem((await openRest(io, flags)).client, io.env);

const lsCommand = (io: Io): Command =>
  withRestFlags(new Command("ls"))
    .description("List a folder")
    .addHelpText("after", "\nExample: lakeform fs ls /Volumes/main/raw/files")
    .argument("<path>", allowedPaths)
    .action(async (argument: string, flags: RestFlags) => {
      const entries = (
        await (await openFileSystem(io, flags)).list(parseLocation(argument, io.cwd))
      ).sort((a, b) => (a.name < b.name ? -1 : 1));
      const rows = entries.map((entry) => [
        entry.directory ? "-" : entry.size === undefined ? "?" : formatSize(entry.size),
        formatTime(entry.modified),
        `${entry.name}${entry.directory ? "/" : ""}`,
      ]);
      emit(
        io,
        flags,
        { schema: "lakeform/files/1", entries },
        renderListing("", ["SIZE", "MODIFIED (UTC)", "NAME"], rows, outputStyle(io).width),
      );
    });

const cpCommand = (io: Io): Command =>
  withRestFlags(new Command("cp"))
    .description("Copy a file, or a folder with -r")
    .argument("<from>", allowedPaths)
    .argument("<to>", allowedPaths)
    .option("-r, --recursive", "include folders and their contents")
    .option("--overwrite", "replace existing files")
    .addHelpText(
      "after",
      "\nExamples:\n  lakeform fs cp data.csv dbfs:/tmp/\n  lakeform fs cp -r notebooks /Workspace/Shared/etl\n  lakeform fs cp -r /Workspace/Shared/etl backup  # notebooks get their extension\n  lakeform fs cp /Volumes/main/raw/files/a.parquet . --overwrite",
    )
    .action(
      async (
        from: string,
        to: string,
        flags: RestFlags & { readonly recursive?: boolean; readonly overwrite?: boolean },
      ) => {
        const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-cp-"));
        const stop = new AbortController();
        const dispose = onInterrupt(() => stop.abort());
        try {
          const copied = await copy(
            await openFileSystem(io, flags),
            parseLocation(from, io.cwd),
            parseLocation(to, io.cwd),
            {
              recursive: flags.recursive === true,
              overwrite: flags.overwrite === true,
              scratch,
              signal: stop.signal,
              ...(io.stdin.isTTY && { mayReplace: replaceQuestion(io) }),
              onBreak: (source, bytes) =>
                io.stderr.write(
                  `${printable(displayPath(source))}: the connection was lost after ${formatSize(bytes)}; the download resumes there\n`,
                ),
              startProgress: (_source, target, bytes) =>
                progressBar(
                  io.stderr,
                  printable(displayPath(target)),
                  bytes,
                  Date.now,
                  flags.quiet,
                ),
            },
          );
          emit(
            io,
            flags,
            { schema: "lakeform/copied/1", copied },
            copied
              .map(
                ({ from, to, bytes }) =>
                  `${printable(from)} -> ${printable(to)} (${formatSize(bytes)})`,
              )
              .join("\n"),
          );
        } catch (error) {
          const signal = interruptedBy();
          if (!stop.signal.aborted || signal === undefined) throw error;
          throw new LakeformError("COPY_INTERRUPTED", "stopped before everything was copied", {
            fix: "rerun the command with --overwrite to copy everything; within 10 minutes, an upload of 10 MB or more to dbfs:/ continues where it stopped",
            exitCode: exitCodeOf(signal),
            cause: error,
          });
        } finally {
          dispose();
          fs.rmSync(scratch, { recursive: true, force: true });
        }
      },
    );

/** Asks before replacing each existing file, until the user answers "all". */
function replaceQuestion(io: Io): (target: FileLocation) => Promise<boolean> {
  let replacesAll = false;
  return async (target) => {
    if (replacesAll) return true;
    const answer =
      (
        await ask(io, `${printable(displayPath(target))} exists. Replace it? [y]es, [n]o, [a]ll: `)
      )?.toLowerCase() ?? "";
    replacesAll = answer.startsWith("a");
    return replacesAll || answer.startsWith("y");
  };
}

const rmCommand = (io: Io): Command =>
  withRestFlags(new Command("rm"))
    .description("Remove a file, or a folder with -r")
    .addHelpText("after", "\nExample: lakeform fs rm -r dbfs:/tmp/old")
    .argument("<path>", allowedPaths)
    .option("-r, --recursive", "include folders and their contents")
    .action(async (argument: string, flags: RestFlags & { readonly recursive?: boolean }) => {
      const location = parseLocation(argument, io.cwd);
      await (await openFileSystem(io, flags)).remove(location, flags.recursive === true);
      emit(
        io,
        flags,
        { schema: "lakeform/removed/1", removed: displayPath(location) },
        `removed ${printable(displayPath(location))}`,
      );
    });

const catCommand = (io: Io): Command =>
  withRestFlags(new Command("cat"))
    .description("Print a file to stdout")
    .addHelpText("after", "\nExample: lakeform fs cat dbfs:/tmp/data.json")
    .argument("<path>", allowedPaths)
    .action(async (argument: string, flags: RestFlags) => {
      const location = parseLocation(argument, io.cwd);
      const source = await (await openFileSystem(io, flags)).read(location);
      if (flags.format === "json") {
        const content = await buffer(source);
        const document = {
          schema: "lakeform/file/1",
          path: displayPath(location),
          encoding: "base64",
          content: content.toString("base64"),
        };
        io.stdout.write(`${printableJson(document)}\n`);
        return;
      }
      await pipeline(source, io.stdout, { end: false });
    });
