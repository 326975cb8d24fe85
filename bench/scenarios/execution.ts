// The cost of executing tasks: a run of a short notebook, compared with `python3 -c pass`; and 100
// iterations of a for-each task, two at a time, compared with a shell loop that starts the same
// processes.
import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import type { Scenario } from "../scenario";

const TASKS = 100;
const runner = path.join(
  __dirname,
  "..",
  "..",
  "src",
  "workspace",
  "execution",
  "python",
  "run.py",
);

interface Context {
  readonly workspace: RunningWorkspace;
  readonly folder: string;
  readonly python: string;
}

async function call(
  workspace: RunningWorkspace,
  method: string,
  route: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(workspace.host + route, {
    method,
    headers: { authorization: `Bearer ${workspace.token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** Submits a run of one task, and waits until it has ended. @throws Error unless it succeeds */
async function runTask(workspace: RunningWorkspace, task: object): Promise<void> {
  const { run_id } = await call(workspace, "POST", "/api/2.2/jobs/runs/submit", { tasks: [task] });
  for (;;) {
    const run = workspace.run(run_id as number);
    if (run?.end !== undefined) {
      if (run.result !== "SUCCESS")
        throw new Error(`the run ended ${String(run.result)}: ${String(run.message)}`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

const notebook = { notebook_path: "/Shared/bench", base_parameters: { n: "1" } };

/** Writes the input of a task's process, to run the same process without the workspace. */
function writeSpecification(folder: string): void {
  const spec = {
    nonce: "bench",
    host: "http://127.0.0.1:9",
    token: "t",
    kind: "notebook",
    folder,
    mapped: path.join(folder, "mapped"),
    task_key: "bench",
    in_job: true,
    memory: 4 * 1024 ** 3,
    allow_pip: false,
    environment: {},
    libraries: [],
    parameters: { n: "1" },
    arguments: [],
    values: {},
    task_keys: ["bench"],
    path: "/Shared/bench",
    language: "PYTHON",
    source: "x = dbutils.widgets.get('n')\nprint(x)",
  };
  fs.writeFileSync(path.join(folder, "spec.json"), `${JSON.stringify(spec)}\n`);
}

/**
 * A shell script that runs one task. Stdin stays open until the process ends, and descriptor 3
 * receives its reports.
 */
const shellTask = `folder=$3
exec 9<>"$folder/in-$4"
read -r spec < "$folder/spec.json"
printf '%s\\n' "$spec" >&9
exec "$1" "$2" "$folder/compiled" <&9 >"$folder/out" 2>"$folder/err" 3>"$folder/report"
`;

export const scenario: Scenario<Context> = {
  title: "a run of a notebook task, and a loop of 100 tasks",
  baseline: "python3 -c pass",
  warmup: 0,
  repeats: 3,
  setup: async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-bench-"));
    const python = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
      encoding: "utf8",
    }).trim();
    const workspace = await startWorkspace({ execution: { all: true, python } });
    const content = Buffer.from("x = dbutils.widgets.get('n')\nprint(x)").toString("base64");
    await call(workspace, "POST", "/api/2.0/workspace/import", {
      path: "/Shared/bench",
      language: "PYTHON",
      content,
    });
    writeSpecification(folder);
    for (let index = 1; index <= TASKS; index++)
      execFileSync("mkfifo", [path.join(folder, `in-${index}`)]);
    fs.mkdirSync(path.join(folder, "mapped"));
    return { workspace, folder, python };
  },
  variants: [
    {
      name: "python3 -c pass",
      run: async ({ python }) => {
        await promisify(execFile)(python, ["-c", "pass"]);
        return undefined;
      },
    },
    {
      name: "a run of one notebook task",
      run: async ({ workspace }) => {
        await runTask(workspace, { task_key: "one", notebook_task: notebook });
        return undefined;
      },
    },
    {
      name: "shell loop, 2 at a time",
      run: async ({ folder, python }) => {
        const scriptFile = path.join(folder, "one.sh");
        fs.writeFileSync(scriptFile, shellTask);
        await promisify(execFile)("sh", [
          "-c",
          `seq ${TASKS} | xargs -P 2 -I{} sh "${scriptFile}" "${python}" "${runner}" "${folder}" {}`,
        ]);
        return undefined;
      },
    },
    {
      name: `for_each of ${TASKS}, concurrency 2`,
      against: "shell loop, 2 at a time",
      run: async ({ workspace }) => {
        const inputs = JSON.stringify(Array.from({ length: TASKS }, (_, index) => index));
        await runTask(workspace, {
          task_key: "loop",
          for_each_task: {
            inputs,
            concurrency: 2,
            task: { task_key: "each", notebook_task: notebook },
          },
        });
        return undefined;
      },
    },
  ],
  teardown: async ({ workspace, folder }) => {
    await workspace.close();
    fs.rmSync(folder, { recursive: true, force: true });
  },
};
