import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../../errors";
import type { ExecutionOptions } from "./options";

/** The Python interpreter that runs the tasks. */
export interface Python {
  readonly executable: string;
  /** `3.11.7` */
  readonly version: string;
  /** The folder of its virtual environment, if any. */
  readonly virtualEnvironment?: string;
  /**
   * The folder of `pip install --user` packages. It must be passed on, because tasks have another
   * HOME.
   */
  readonly userBase: string;
}

const OLDEST_VERSION = [3, 9] as const;
const PROBE =
  "import sys,json,site;print(json.dumps([sys.executable,list(sys.version_info[:3]),sys.prefix if sys.prefix!=sys.base_prefix else '',site.getuserbase()]))";

/**
 * Finds the interpreter: the one in the options, else the one of the active or the project's
 * virtual environment, else `python3`.
 * @throws LakeformError NO_PYTHON, PYTHON_TOO_OLD
 */
export async function findPython(
  options: ExecutionOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Python> {
  const command =
    options.python ?? findVirtualEnvironment(options.project ?? process.cwd(), env) ?? "python3";
  const interpreter = command.includes(path.sep)
    ? path.resolve(options.project ?? process.cwd(), command)
    : command;
  let output: string;
  try {
    output = await runProbe(interpreter, env);
  } catch (error) {
    throw new LakeformError("NO_PYTHON", "cannot start the Python for tasks", {
      value: `${interpreter}: ${error instanceof Error ? (error.message.split("\n").at(-1) ?? "") : String(error)}`,
      allowed: `Python ${OLDEST_VERSION.join(".")} or newer`,
      fix: "install Python 3, or select it with --python",
      cause: error,
    });
  }
  let probeResult: [string, [number, number, number], string, string];
  try {
    probeResult = JSON.parse(output) as typeof probeResult;
  } catch (error) {
    throw new LakeformError("NO_PYTHON", "the program for tasks is not Python 3", {
      value: `${interpreter} printed ${JSON.stringify(output.slice(0, 200))}`,
      allowed: `Python ${OLDEST_VERSION.join(".")} or newer`,
      fix: "select another one with --python",
      cause: error,
    });
  }
  const [executable, [major, minor, patch], prefix, userBase] = probeResult;
  const version = `${major}.${minor}.${patch}`;
  if (major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]))
    throw new LakeformError("PYTHON_TOO_OLD", "the Python for tasks is too old", {
      value: `${executable} is ${version}`,
      allowed: `${OLDEST_VERSION.join(".")} or newer`,
      fix: "select another one with --python",
    });
  return {
    executable,
    version,
    userBase,
    ...(prefix === "" ? {} : { virtualEnvironment: prefix }),
  };
}

function runProbe(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      ["-c", PROBE],
      { env, timeout: 20_000, encoding: "utf8" },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else
          reject(new Error(stderr.trim() === "" ? error.message : stderr.trim(), { cause: error }));
      },
    );
  });
}

function findVirtualEnvironment(project: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = [env.VIRTUAL_ENV ?? "", path.join(project, ".venv"), path.join(project, "venv")];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, "bin", "python"))
    .find((file) => fs.existsSync(file));
}

/**
 * The environment variables that tasks inherit from the shell: program paths, text encoding and time
 * zone, no credentials.
 */
const INHERITED_VARIABLES = [
  "PATH",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "JAVA_HOME",
  "SPARK_HOME",
  "HADOOP_HOME",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
];

/** Returns the environment of a task's process. */
export function environmentFor(
  python: Python,
  options: ExecutionOptions,
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const variables: NodeJS.ProcessEnv = {};
  for (const name of [...INHERITED_VARIABLES, ...(options.passEnv ?? [])])
    if (env[name] !== undefined) variables[name] = env[name];
  // This also hides credential files in the user's home.
  variables.HOME = folder;
  variables.TMPDIR = path.join(folder, "tmp");
  variables.PYTHONUSERBASE = python.userBase;
  if (python.virtualEnvironment !== undefined) {
    variables.VIRTUAL_ENV = python.virtualEnvironment;
    variables.PATH = [path.join(python.virtualEnvironment, "bin"), variables.PATH]
      .filter((part) => part !== undefined)
      .join(path.delimiter);
  }
  return variables;
}
