import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { untilStopped } from "../../interrupt";
import { identity, isRunning } from "../../processes";
import { holderOf, lockFolder } from "../../workspace/lock";
import { readServer, writeServer, type ServerFile } from "../../workspace/server-file";
import type { JsonObject, JsonValue } from "../../workspace/errors";
import type { JournalFileOptions } from "../../workspace/journal-file";
import { privateFolderOf } from "../../terraform/project";
import type { Io, MakeCommand } from "../io";
import { control } from "../workspace-control";
import {
  parseHosts,
  parseEnvNames,
  PORT,
  parsePort,
  parseTaskMemory,
  parseTaskTimeout,
  defaultPort,
  type StartFlags,
} from "../workspace-options";
import { parsePositive } from "../option-parsers";

export const command: MakeCommand = (io) => {
  const root = new Command("workspace").description(
    "Run the local workspace: a server that implements the Databricks REST API",
  );
  root
    .command("start")
    .description(
      "Start the server; print one line of JSON (host, token, workspace_id, pid) when it is ready",
    )
    .addHelpText(
      "after",
      "\nExamples:\n  lakeform workspace start --detach\n  lakeform workspace start --memory --port 0 --outcomes outcomes.yaml\n  lakeform workspace start --detach --execute",
    )
    .option(
      "--port <number>",
      `port; 0 selects a free one (default: LAKEFORM_WORKSPACE_PORT, else ${PORT})`,
      parsePort,
    )
    .option("--data <folder>", "data folder (default: .lakeform/workspace of the project)")
    .option("--memory", "keep data in memory only")
    .option("--detach", "return when the server is ready; stop it with `lakeform workspace stop`")
    .option(
      "--tls",
      "serve HTTPS with a generated certificate authority; the printed JSON contains the path of the CA certificate as ca_file",
    )
    .option("--outcomes <file>", "JSON or YAML: outcomes, durations and output of tasks")
    .option(
      "--execute",
      "run notebooks, Python files, wheels and SQL for real, as processes on this machine (not a sandbox)",
    )
    .option(
      "--python <command>",
      "Python that runs tasks (default: the project's virtual environment, else python3)",
    )
    .option("--pass-env <names>", "additional environment variables for tasks: A,B", parseEnvNames)
    .option("--allow-pip", "let tasks install packages from an index, into a folder of the task")
    .option(
      "--task-memory <size>",
      "memory limit of a task's process: 512m, 4g; 0 is no limit",
      "4g",
    )
    .option("--task-timeout <time>", "time limit of a task: 90s, 30m, 2h", "1h")
    .option("--faults <file>", "JSON or YAML: list of faults to inject")
    .option("--journal <file>", "append every call, redacted, as one line of JSON")
    .option(
      "--journal-size <megabytes>",
      "rotate the journal at this size (default: 64)",
      parsePositive,
    )
    .option(
      "--journal-files <number>",
      "keep this many rotated journals (default: 4)",
      parsePositive,
    )
    .option(
      "--listen <address>",
      "address to listen on; with anything but loopback, other machines can connect",
      "127.0.0.1",
    )
    .option(
      "--allow-host <hosts>",
      "additional Host headers to accept, for example of a forwarded port: localhost:9000,box:80",
      parseHosts,
    )
    .action((flags: StartFlags) => start(io, flags));
  root
    .command("stop")
    .description("Stop the server")
    .addHelpText("after", "\nExample: lakeform workspace stop")
    .option("--data <folder>", "data folder of the server")
    .option("--timeout <seconds>", "kill the server after this time", parsePositive, 10)
    .action((flags: { data?: string; timeout: number }) =>
      stop(io, homeOf(io, flags.data), flags.timeout),
    );
  root
    .command("status")
    .description("Show whether the server is running, and where; exit 2 if it is not")
    .addHelpText("after", "\nExample: lakeform workspace status")
    .option("--data <folder>", "data folder of the server")
    .action((flags: { data?: string }) => {
      const server = readServer(homeOf(io, flags.data));
      if (server === undefined) io.exitCode = 2;
      const { token: _token, started: _started, ...status } = server ?? ({} as Partial<ServerFile>);
      io.stdout.write(`${JSON.stringify({ running: server !== undefined, ...status })}\n`);
    });
  root
    .command("reset")
    .description("Delete all data of the server, after a prompt")
    .addHelpText("after", "\nThe server must be stopped.\nExample: lakeform workspace reset --yes")
    .option("--data <folder>", "data folder of the server")
    .option("--yes", "skip the prompt")
    .action((flags: { data?: string; yes?: boolean }) =>
      reset(io, homeOf(io, flags.data), flags.yes === true),
    );
  root
    .command("token")
    .description("Create an access token and print it")
    .addHelpText(
      "after",
      "\nExample: lakeform workspace token --user ann@example.com --lifetime 3600",
    )
    .option("--data <folder>", "data folder of the server")
    .option("--user <name>", "user of the token, created if unknown (default: the first admin)")
    .option("--admin", "make a new user an admin")
    .option("--lifetime <seconds>", "lifetime of the token (default: unlimited)", parsePositive)
    .option("--comment <text>", "purpose of the token", "lakeform workspace token")
    .action((flags: TokenFlags) => createToken(io, flags));
  root
    .command("faults")
    .description("Add faults from a file to the running server, and print all active faults")
    .addHelpText(
      "after",
      "\nA fault makes the server reject, delay or lose calls, to test how clients react (docs/workspace.md).\nExample: lakeform workspace faults faults.yaml",
    )
    .argument("[file]", "JSON or YAML: one fault or a list; omit to only print them")
    .option("--data <folder>", "data folder of the server")
    .option("--clear", "remove the active faults first")
    .action((file: string | undefined, flags: { data?: string; clear?: boolean }) =>
      changeFaults(io, file, flags),
    );
  return root;
};

const journalOf = (
  io: Io,
  file: string,
  { journalSize, journalFiles }: StartFlags,
): JournalFileOptions => ({
  file: path.resolve(io.cwd, file),
  ...(journalSize === undefined ? {} : { maxBytes: journalSize * 1024 * 1024 }),
  ...defined({ keep: journalFiles }),
});

/** Returns the project's folder, in which tasks look for the virtual environment. */
const projectFolder = (cwd: string): string => path.dirname(privateFolderOf(cwd));

/**
 * Returns the folder with the server's details: the data folder, by default `.lakeform/workspace`
 * of the project (outside a project: of the current folder).
 */
function homeOf(io: Io, data: string | undefined): string {
  return data === undefined
    ? path.join(privateFolderOf(io.cwd), "workspace")
    : path.resolve(io.cwd, data);
}

async function start(io: Io, flags: StartFlags): Promise<void> {
  if (flags.memory === true && flags.data !== undefined)
    throw new LakeformError("CONFLICTING_OPTIONS", "--memory and --data exclude each other", {
      fix: "use only one of them",
    });
  const home = homeOf(io, flags.data);
  const runningServer = readServer(home);
  if (runningServer !== undefined)
    throw new LakeformError("WORKSPACE_RUNNING", "the local workspace is already running", {
      value: `${runningServer.host}, process ${runningServer.pid}`,
      fix: "use it, or stop it first with `lakeform workspace stop`",
    });
  if (flags.detach === true) return detach(io, home, flags);
  const outcomes =
    flags.outcomes === undefined ? undefined : await readStructure(io, flags.outcomes);
  const faults = flags.faults === undefined ? [] : await readFaults(io, flags.faults);
  // Load the server only here, because `status` and `stop` do not need it.
  /* eslint-disable @typescript-eslint/no-require-imports */
  const { startWorkspace } =
    require("../../workspace/server") as typeof import("../../workspace/server");
  const { ensureCertificates } =
    require("../../workspace/tls") as typeof import("../../workspace/tls");
  /* eslint-enable @typescript-eslint/no-require-imports */
  const tls = flags.tls === true ? await ensureCertificates(path.join(home, "tls")) : undefined;
  const workspace = await startWorkspace({
    port: flags.port ?? defaultPort(io.env),
    ...(flags.memory === true ? {} : { data: home }),
    ...defined({ listen: flags.listen, tls }),
    ...(outcomes === undefined ? {} : { outcomes: outcomes as JsonObject }),
    execution: {
      all: flags.execute === true,
      project: projectFolder(io.cwd),
      allowPip: flags.allowPip === true,
      memoryBytes: parseTaskMemory(flags.taskMemory ?? "4g"),
      timeLimitMs: parseTaskTimeout(flags.taskTimeout ?? "1h"),
      ...defined({ python: flags.python, passEnv: flags.passEnv, caFile: tls?.caFile }),
    },
    ...(flags.journal === undefined ? {} : { journal: journalOf(io, flags.journal, flags) }),
    ...defined({ hosts: flags.allowHost }),
    faults,
    log: (line) => void io.stderr.write(`${line}\n`),
  });
  const ca = tls === undefined ? {} : { ca_file: tls.caFile };
  const details = {
    host: workspace.host,
    token: workspace.token,
    workspace_id: workspace.workspaceId,
  };
  const removeServerFile = writeServer(home, {
    ...details,
    ...ca,
    ...(flags.memory === true ? {} : { data: home }),
  });
  io.stdout.write(`${JSON.stringify({ ...details, pid: process.pid, ...ca })}\n`);
  await untilStopped();
  removeServerFile();
  await workspace.close();
}

/** Starts the server as a second process, and returns when it has printed its line. */
async function detach(io: Io, home: string, flags: StartFlags): Promise<void> {
  // Lock and release the folder: this process then reports problems with it, not a log inside it.
  lockFolder(home)();
  const logFile = path.join(home, "server.log");
  const logFd = fs.openSync(logFile, "a", 0o600);
  const logStart = fs.statSync(logFile).size;
  const args = Object.entries({ ...flags, detach: undefined }).flatMap(([optionName, value]) => {
    const name = `--${optionName.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === undefined || value === false
      ? []
      : value === true
        ? [name]
        : [name, String(value)];
  });
  const script = path.join(__dirname, "..", "..", "..", "..", "bin", "lakeform.js");
  const child = spawn(process.execPath, [script, "workspace", "start", ...args], {
    cwd: io.cwd,
    env: io.env,
    detached: true,
    stdio: ["ignore", "pipe", logFd],
  });
  fs.closeSync(logFd);
  const { stdout } = child;
  if (stdout === null) throw new Error("the server's stdout is not a pipe");
  let line = "";
  await new Promise<void>((resolve) => {
    stdout.on("data", (chunk: Buffer) => {
      line += chunk.toString("utf8");
      if (line.includes("\n")) resolve();
    });
    child.on("exit", () => resolve());
    child.on("error", () => resolve());
  });
  if (!line.includes("\n")) {
    const output = fs.readFileSync(logFile, "utf8").slice(logStart).trim();
    throw startError(output, logFile);
  }
  stdout.destroy();
  child.unref();
  io.stdout.write(line);
}

/** Returns the error that the detached server printed; without one, WORKSPACE_NOT_STARTED. */
function startError(logText: string, logFile: string): LakeformError {
  const [, code, message] = /^([A-Z][A-Z_]+): (.*)/.exec(logText) ?? [];
  if (code === undefined || message === undefined)
    return new LakeformError(
      "WORKSPACE_NOT_STARTED",
      "the local workspace ended before it was ready",
      {
        value: logText.replaceAll(/\n\s*/g, "; "),
        fix: `see ${logFile}`,
      },
    );
  const detail = (name: string): string | undefined =>
    new RegExp(`^  ${name}: +(.*)$`, "m").exec(logText)?.[1];
  const [path, value, allowed, fix] = ["at", "given", "allowed", "fix"].map(detail);
  return new LakeformError(code, message, {
    path,
    value,
    allowed,
    fix: fix ?? `see ${logFile}`,
  });
}

async function stop(io: Io, home: string, seconds: number): Promise<void> {
  // If the server's own file is truncated or missing, the folder's lock still identifies its
  // process.
  const holder = holderOf(home);
  const server =
    readServer(home) ?? (holder && { pid: holder.pid, host: `the local workspace of ${home}` });
  if (server === undefined) {
    io.stderr.write("the local workspace is not running\n");
    return;
  }
  const serverProcess = identity(server.pid);
  const endsAfter = async (signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> => {
    if (isRunning(serverProcess)) process.kill(server.pid, signal);
    for (let waitedMs = 0; isRunning(serverProcess); waitedMs += 50) {
      if (waitedMs >= timeoutMs) return false;
      await sleep(50);
    }
    return true;
  };
  if (await endsAfter("SIGTERM", seconds * 1000)) io.stderr.write(`stopped ${server.host}\n`);
  else if (await endsAfter("SIGKILL", 5000))
    io.stderr.write(
      `killed ${server.host}: it did not end within ${seconds} s (no acknowledged write is lost)\n`,
    );
  else
    throw new LakeformError("WORKSPACE_NOT_STOPPED", "could not stop the local workspace", {
      value: `process ${server.pid}`,
      fix: "check what the process is waiting for (an unresponsive disk?)",
    });
}

/** The files and folders that the server creates in its data folder. `reset` removes only these. */
const dataEntries = [
  "data.mdb",
  "data.mdb-lock",
  "blobs",
  "token",
  "server.log",
  "lock",
  "server.json",
  "tls",
  "executions",
];

async function reset(io: Io, home: string, isConfirmed: boolean): Promise<void> {
  const runningServer = readServer(home);
  if (runningServer !== undefined)
    throw new LakeformError("WORKSPACE_RUNNING", "the local workspace is running", {
      value: `${runningServer.host}, process ${runningServer.pid}`,
      fix: "stop it first with `lakeform workspace stop`",
    });
  if (!fs.existsSync(path.join(home, "data.mdb"))) {
    io.stderr.write(`nothing to reset in ${home}\n`);
    return;
  }
  if (!isConfirmed) {
    const prompt = createInterface({ input: io.stdin, output: io.stderr });
    const answer = await Promise.race([
      prompt.question(
        `Delete all jobs, files and secrets of the local workspace in ${home}? (y/N) `,
      ),
      new Promise<string>((resolve) => prompt.once("close", () => resolve(""))),
    ]);
    prompt.close();
    if (!/^y(es)?$/i.test(answer.trim())) {
      io.stderr.write("the data was kept\n");
      io.exitCode = 2;
      return;
    }
  }
  for (const name of dataEntries)
    fs.rmSync(path.join(home, name), { recursive: true, force: true });
  io.stderr.write(`removed the data in ${home}\n`);
}

interface TokenFlags {
  readonly data?: string;
  readonly user?: string;
  readonly admin?: boolean;
  readonly lifetime?: number;
  readonly comment: string;
}

async function createToken(io: Io, flags: TokenFlags): Promise<void> {
  const request = {
    user: flags.user,
    admin: flags.admin,
    lifetime_seconds: flags.lifetime,
    comment: flags.comment,
  };
  const result = (await control(homeOf(io, flags.data), "POST", "tokens", request)) as {
    token_value: string;
  };
  io.stdout.write(`${result.token_value}\n`);
}

async function changeFaults(
  io: Io,
  file: string | undefined,
  flags: { data?: string; clear?: boolean },
): Promise<void> {
  const home = homeOf(io, flags.data);
  const rules = file === undefined ? [] : await readFaults(io, file);
  if (flags.clear === true) await control(home, "DELETE", "faults");
  for (const rule of rules) await control(home, "POST", "faults", rule);
  io.stdout.write(
    `${JSON.stringify((await control(home, "GET", "faults")).faults, undefined, 2)}\n`,
  );
}

/** Reads a list of faults, or a single fault. */
async function readFaults(io: Io, file: string): Promise<JsonValue[]> {
  const content = (await readStructure(io, file)) as JsonValue;
  return Array.isArray(content) ? content : [content];
}

/** Reads a JSON or YAML file (YAML includes JSON). */
async function readStructure(io: Io, file: string): Promise<unknown> {
  const { parse: parseYaml } = await import("yaml");
  const filePath = path.resolve(io.cwd, file);
  try {
    return parseYaml(fs.readFileSync(filePath, "utf8")) as unknown;
  } catch (error) {
    throw new LakeformError("BAD_FILE", "cannot parse the file as JSON or YAML", {
      path: filePath,
      value: error instanceof Error ? error.message : String(error),
      fix: "check the path and the syntax",
      cause: error,
    });
  }
}
