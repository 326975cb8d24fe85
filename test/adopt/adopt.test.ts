import fs from "node:fs";
import path from "node:path";
import { edit, makeApp, useCachedSynth } from "../support/app";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { typeProblems } from "../support/generated-code";
import { makeFolder, removeFolders, repository } from "../support/project";
import type { JsonObject } from "../support/replay-format";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let root: string;

const call = (method: string, route: string, body?: unknown): Promise<JsonObject> =>
  callRest(workspace, method, route, body) as Promise<JsonObject>;
const importNotebook = (notebookPath: string, content: string): Promise<JsonObject> =>
  call("POST", "/api/2.0/workspace/import", {
    path: notebookPath,
    language: "PYTHON",
    format: "SOURCE",
    content: Buffer.from(content).toString("base64"),
  });
const createJob = async (body: JsonObject & { readonly name: string }): Promise<number> => {
  const { job_id: id } = await call("POST", "/api/2.2/jobs/create", body);
  return Number(id);
};
const run = (...args: string[]): Promise<CliResult> =>
  lakeform(root, [...args, "--quiet"], {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
  });
const codeFolder = (): string => path.join(root, "stacks", "adopted");
const readCode = (file: string): string => fs.readFileSync(path.join(codeFolder(), file), "utf8");
/** Returns the content of all files below stacks/ by name. */
const readAllFiles = (): Record<string, string> =>
  Object.fromEntries(
    fs
      .readdirSync(path.join(root, "stacks"), { recursive: true, encoding: "utf8" })
      .filter((file) => fs.statSync(path.join(root, "stacks", file)).isFile())
      .sort()
      .map((file) => [file, fs.readFileSync(path.join(root, "stacks", file), "utf8")]),
  );
const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 };
const task = { task_key: "t", notebook_task: { notebook_path: "/Shared/ingest" } };

const makeProject = async (name: string): Promise<string> => {
  const projectRoot = await makeApp(name);
  useCachedSynth(projectRoot);
  fs.writeFileSync(path.join(projectRoot, ".prettierrc.json"), '{ "printWidth": 140 }');
  return projectRoot;
};

beforeAll(async () => {
  root = await makeProject("etl");
  await importNotebook("/Shared/ingest", "# Databricks notebook source\nprint('${x}')\n");
  await call("POST", "/api/2.0/preview/scim/v2/Groups", { displayName: "engineers" });
  const ingest = await createJob({
    name: "Daily ingest (v2)",
    tags: { team: "data" },
    queue: { enabled: true },
    schedule: {
      quartz_cron_expression: "0 0 6 * * ?",
      timezone_id: "Europe/Berlin",
      pause_status: "PAUSED",
    },
    parameters: [{ name: "day", default: "2024-01-01" }],
    job_clusters: [
      {
        job_cluster_key: "shared",
        new_cluster: { ...cluster, spark_conf: { "x.key": "{{secrets/etl/key}}" } },
      },
    ],
    tasks: [
      {
        task_key: "ingest",
        job_cluster_key: "shared",
        notebook_task: {
          notebook_path: "/Shared/ingest",
          base_parameters: { day: "{{job.parameters.day}}", shell: "${HOME}" },
        },
      },
      {
        task_key: "check",
        depends_on: [{ task_key: "ingest" }],
        condition_task: { left: "{{tasks.ingest.values.rows}}", op: "GREATER_THAN", right: "0" },
      },
      {
        task_key: "publish",
        depends_on: [{ task_key: "check", outcome: "true" }],
        job_cluster_key: "shared",
        notebook_task: { notebook_path: "/Shared/absent" },
        max_retries: 2,
        libraries: [{ pypi: { package: "requests==2.31.0" } }],
      },
    ],
  });
  await createJob({
    name: "class",
    tasks: [{ task_key: "1st", run_job_task: { job_id: ingest } }],
  });
  await createJob({
    name: "class",
    tasks: [{ ...task, existing_cluster_id: "1114-221320-seed0001" }],
  });
  await createJob({
    name: "Größe – täglich",
    job_clusters: [
      {
        job_cluster_key: "c",
        new_cluster: {
          ...cluster,
          num_workers: null,
          autoscale: { min_workers: 2, max_workers: 2 },
        },
      },
    ],
    tasks: [
      {
        task_key: "t",
        job_cluster_key: "c",
        notebook_task: { notebook_path: "/Workspace/Shared/absent" },
      },
    ],
  });
  await call("PATCH", `/api/2.0/permissions/jobs/${ingest}`, {
    access_control_list: [{ group_name: "engineers", permission_level: "CAN_MANAGE_RUN" }],
  });
}, 60_000);

afterAll(removeFolders);

describe("a workspace's jobs", () => {
  test("become constructs whose first plan only imports, and adopt only reads the workspace", async () => {
    const before = await call("GET", "/api/2.2/jobs/list?expand_tasks=true");
    const adoptResult = await run("adopt", "local", "--all", "--strict");
    expectExit(adoptResult, 0);
    expect(adoptResult.stdout).toContain("4 jobs adopted, 6 import blocks\n");
    expect(adoptResult.stdout).toContain(
      "notebook /Shared/absent: it does not exist in the workspace: the code refers to it by its path",
    );
    expect(adoptResult.stdout).toContain(
      "first plan: 0 create, 0 update, 0 replace, 0 destroy, 6 import\n",
    );
    expect(await call("GET", "/api/2.2/jobs/list?expand_tasks=true")).toEqual(before);
    expect(readCode("daily-ingest-v2.ts")).toMatchSnapshot();
    expect(readCode("index.ts")).toMatchSnapshot();
    expect(readCode("notebooks/Shared/ingest.py")).toBe(
      "# Databricks notebook source\nprint('${x}')\n",
    );
  }, 60_000);

  test("fall back to the provider's class, with the reason, if the constructs cannot express them", () => {
    expect(readCode("grosse-taglich.ts")).toContain(
      "The constructs cannot express it: a cluster that scales from 2 to 2 workers.",
    );
    expect(readCode("grosse-taglich.ts")).toContain(
      'import { Job } from "@cdktf/provider-databricks/lib/job";',
    );
  });

  test("become code that compiles in strict mode", () => {
    expect(typeProblems([path.join(root, "stacks", "main.ts")])).toEqual([]);
  }, 60_000);

  test("keep their code in a second run, which adds only new jobs", async () => {
    const before = readAllFiles();
    const secondRun = await run("adopt", "local", "--all");
    expectExit(secondRun, 0);
    expect(secondRun.stdout).toContain(
      "4 jobs of adopted-local already: Daily ingest (v2), class, class, Größe – täglich\nnothing to adopt",
    );
    expect(secondRun.stdout).toContain("to plan them: lakeform review adopted-local");
    expect(readAllFiles()).toEqual(before);
    await createJob({
      name: "Class",
      tasks: [{ ...task, existing_cluster_id: "1114-221320-seed0001" }],
    });
    // The token expires after the code is written.
    workspace.faults.add({ path: "/api/2.0/jobs/get", times: 100, status: 401 });
    const expired = await run("adopt", "local", "--jobs", "[cC]lass");
    workspace.faults.clear();
    expectExit(expired, 1);
    expect(expired.stderr).toContain(
      "the code is written; to plan it: lakeform review adopted-local",
    );
    const {
      "adopted/class-3.ts": newFile,
      "adopted/index.ts": index,
      ...otherFiles
    } = readAllFiles();
    const { "adopted/index.ts": indexBefore, ...otherFilesBefore } = before;
    expect(otherFiles).toEqual(otherFilesBefore);
    expect(newFile).toContain('NotebookTask.at("/Shared/ingest")');
    expect(index?.replaceAll(/^.*class3.*\n/gm, "")).toBe(indexBefore);
  }, 60_000);

  test("can be deployed and verified, and --clean then removes the import blocks", async () => {
    expectExit(await run("deploy", "adopted-local", "--auto-approve"), 0);
    expectExit(await run("verify", "adopted-local", "--deep"), 0);
    const cleaned = await run("adopt", "local", "--clean");
    expectExit(cleaned, 0);
    expect(cleaned.stdout).toContain("7 import blocks removed, 0 kept\n");
    expect(JSON.stringify(readAllFiles())).not.toMatch(/\.(adopt|importFrom)\(/);
    const review = await run("review", "adopted-local", "--no-verify");
    expectExit(review, 0);
    expect(review.stdout).toContain(
      "adopted-local: 0 create, 0 update, 0 replace, 0 destroy (7 unchanged)",
    );
  }, 90_000);
});

describe("drift", () => {
  test("is written to the line of the construct, and verify then finds no drift", async () => {
    const { jobs } = (await call(
      "GET",
      "/api/2.2/jobs/list?name=Daily%20ingest%20(v2)",
    )) as unknown as { jobs: { job_id: number }[] };
    await call("POST", "/api/2.2/jobs/update", {
      job_id: jobs[0]?.job_id ?? 0,
      new_settings: { max_concurrent_runs: 5 },
    });
    expect((await run("verify", "adopted-local", "--deep")).code).toBe(2);
    const driftResult = await run("adopt", "adopted-local", "--drift");
    expect([driftResult.code, driftResult.stdout]).toEqual([
      2,
      expect.stringContaining("+    maxConcurrentRuns: 5,\n"),
    ]);
    expect(driftResult.stdout).toMatch(
      /^adopted-local\/daily-ingest-v2 \(stacks\/adopted\/daily-ingest-v2\.ts:\d+\): max_concurrent_runs\n/,
    );
    const otherResourceResult = await run(
      "adopt",
      "adopted-local",
      "--drift",
      "--resource",
      "adopted-local/class",
      "--write",
    );
    expect([otherResourceResult.code, otherResourceResult.stdout]).toEqual([
      0,
      "no drift: the workspace matches the deployed code\n",
    ]);
    const unknownResourceResult = await run(
      "adopt",
      "adopted-local",
      "--drift",
      "--resource",
      "adopted-local/none",
    );
    expect([unknownResourceResult.code, unknownResourceResult.stderr]).toEqual([
      1,
      expect.stringMatching(/^NO_SUCH_RESOURCE[^]*adopted-local\/daily-ingest-v2/),
    ]);
    const writeResult = await run(
      "adopt",
      "adopted-local",
      "--drift",
      "--resource",
      "adopted-local/daily-ingest-v2",
      "--write",
    );
    expectExit(writeResult, 0);
    expect(writeResult.stdout).toContain(
      "1 file written. Check: lakeform verify adopted-local --deep\n",
    );
    expect(readCode("daily-ingest-v2.ts")).toContain("    maxConcurrentRuns: 5,\n");
    expectExit(await run("verify", "adopted-local", "--deep"), 0);
    expectExit(await run("adopt", "adopted-local", "--drift"), 0);
  }, 90_000);
});

describe("the JSON of a job", () => {
  test("becomes code that synthesizes to the same job, with the sample of the REST guide", async () => {
    const guide = fs.readFileSync(
      path.join(repository, "test", "fixtures", "rest-api-guide.md"),
      "utf8",
    );
    const sample =
      /POST \/api\/2\.1\/jobs\/create[\s\S]*?```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
    const file = path.join(makeFolder("sample"), "job.json");
    fs.writeFileSync(file, sample);
    expectExit(await run("adopt", "local", "--job", file, "--stack", "guide", "--no-review"), 0);
    const generatedCode = fs.readFileSync(
      path.join(root, "stacks", "guide", "daily-etl-pipeline.ts"),
      "utf8",
    );
    expect(generatedCode).toMatchSnapshot();
    expectExit(await run("synth"), 0);
    const synthesized = JSON.parse(
      fs.readFileSync(path.join(root, "cdktf.out", "stacks", "guide-local", "cdk.tf.json"), "utf8"),
    ) as {
      resource: { databricks_job: Record<string, { name: string; task: { task_key: string }[] }> };
      import?: unknown;
    };
    const [job] = Object.values(synthesized.resource.databricks_job);
    expect([job?.name, job?.task.map(({ task_key: key }) => key)]).toEqual([
      "daily-etl-pipeline",
      ["ingest", "transform"],
    ]);
    expect(synthesized.import).toBeUndefined();
  }, 60_000);
});

describe("adopt rejects", () => {
  test.each([
    ["no selection", [], "NOTHING_TO_ADOPT"],
    ["a job that does not exist", ["--jobs", "nightly"], "NO_SUCH_JOB"],
    ["a tag that no job has", ["--tag", "team=ml"], "NO_SUCH_JOB"],
    ["a file that does not contain a job", ["--job", "package.json"], "BAD_JOB_FILE"],
    ["an unsupported kind for --follow", ["--all", "--follow", "jobs"], "USAGE"],
  ])("%s", async (_what, args, errorCode) => {
    const before = readAllFiles();
    const result = await run("adopt", "local", ...args);
    expect([result.code, result.stderr.split(":")[0]]).toEqual([1, errorCode]);
    expect(readAllFiles()).toEqual(before);
  });

  test("a main file to which no stack can be added, and prints the lines to add", async () => {
    edit(path.join(root, "stacks", "main.ts"), (text) =>
      text
        .replace("synthesize((app) =>", "const build = ((app: App) =>")
        .replace("import { synthesize", "import { type App, synthesize")
        .concat("\nsynthesize(build);\n"),
    );
    const job = path.join(makeFolder("job"), "job.json");
    fs.writeFileSync(job, JSON.stringify({ name: "x", tasks: [task] }));
    const result = await run("adopt", "local", "--job", job, "--stack", "elsewhere");
    expect([result.code, result.stderr.split(":")[0]]).toEqual([1, "BAD_MAIN_FILE"]);
    expect(result.stderr).toContain(
      'new ElsewhereStack(app, environmentNamed(environments, "local"));',
    );
    expect(fs.existsSync(path.join(root, "stacks", "elsewhere"))).toBe(false);
  }, 30_000);
});
