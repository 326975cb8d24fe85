import {
  AllPurposeCluster,
  Aspects,
  ClusterSize,
  DevelopmentMode,
  FanOut,
  GitSource,
  IngestTransformPublish,
  MedallionPipeline,
  NodeType,
  NotebookTask,
  Schedule,
  Serverless,
  SparkPythonTask,
  SparkVersion,
  SqlTask,
  SqlWarehouse,
  Workflow,
  type TerraformResource,
  type WorkspaceStack,
} from "../../constructs";
import { expectExit } from "../support/cli";
import { BuiltProject } from "../support/built-project";
import { removeFolders } from "../support/project";

const notebook = NotebookTask.at("/Shared/a");
const on = Serverless.compute;
const cluster = {
  sparkVersion: SparkVersion.LTS_15_4,
  nodeType: NodeType.of("i3.xlarge"),
  size: ClusterSize.fixed(1),
};

interface Settings {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly tasks: readonly {
    readonly task_key: string;
    readonly depends_on?: readonly { readonly task_key: string }[];
    readonly notebook_task?: { source: string };
  }[];
  readonly schedule?: { readonly pause_status: string };
  readonly trigger?: { readonly pause_status: string };
  readonly continuous?: { readonly pause_status: string };
}

/**
 * Deploys and verifies stacks of constructs with the real terraform, and checks that the next plan
 * is empty.
 */
describe("the example stacks", () => {
  let project: BuiltProject;
  beforeAll(async () => {
    project = await BuiltProject.open();
  });
  afterAll(async () => {
    await project.close();
    removeFolders();
  });

  const jobs = async (): Promise<Settings[]> => {
    const { jobs: allJobs = [] } = (await project.get(
      "/api/2.2/jobs/list?expand_tasks=true&limit=100",
    )) as { jobs?: { settings: Settings }[] };
    return allJobs.map(({ settings }) => settings);
  };

  test("have empty plans with tasks and dependencies in any order, and with files from Git next to workspace files", async () => {
    const addMixedJob = (stack: WorkspaceStack): Workflow => {
      const job = new Workflow(stack, "job", {
        name: "mixed",
        gitSource: GitSource.branch("https://github.com/acme/etl", "gitHub", "main"),
      });
      const z = job.addTask("z", { run: notebook, on });
      const m = job.addTask("m", { run: NotebookTask.inGit("jobs/m"), on });
      const a = job.addTask("a", {
        run: SparkPythonTask.inGit("src/a.py"),
        on: job.addEnvironment("e", { environmentVersion: "4" }),
      });
      job.addTask("b", { run: notebook, on, after: [z, a, m] });
      job.addTask("c", {
        run: SqlTask.file("/Shared/c.sql", { warehouse: SqlWarehouse.fromId("abc123") }),
        after: [m, a],
      });
      return job;
    };
    project.build({ mixed: addMixedJob });
    await project.deployClean("mixed-local");
    const tasks = (await jobs()).find(({ name }) => name === "mixed")?.tasks ?? [];
    expect(tasks.map(({ task_key: key }) => key)).toEqual(["a", "b", "c", "m", "z"]);
    expect(tasks[1]?.depends_on?.map(({ task_key: key }) => key)).toEqual(["a", "m", "z"]);
    expect(tasks.map(({ notebook_task: run }) => run?.source)).toEqual([
      undefined,
      "WORKSPACE",
      undefined,
      "GIT",
      "WORKSPACE",
    ]);
    // Shows that the test detects unsorted dependencies, which are a change in each plan.
    project.build({
      mixed: (stack) =>
        (addMixedJob(stack).node.defaultChild as TerraformResource).addOverride(
          "task.1.depends_on",
          ["z", "m", "a"].map((task_key) => ({ task_key })),
        ),
    });
    expect((await project.run("review", "mixed-local", "--no-verify")).stdout).toContain(
      "1 update",
    );
  });

  test("include patterns whose jobs succeed after a deploy", async () => {
    project.build({
      patterns: (stack) => {
        new MedallionPipeline(stack, "medallion", {
          name: "medallion",
          bronze: [
            { key: "orders", run: notebook },
            { key: "customers", run: notebook },
          ],
          silver: [{ key: "clean", run: notebook }],
          gold: [{ key: "report", run: notebook }],
          on: cluster,
        });
        new FanOut(stack, "fan-out", {
          name: "fan-out",
          first: { key: "list", run: notebook },
          items: ["de", "ch"],
          run: (country) => NotebookTask.at("/Shared/a", { country }),
          join: { key: "merge", run: notebook, runIf: "ALL_DONE" },
          on,
        });
        new IngestTransformPublish(stack, "orders", {
          name: "orders",
          ingest: notebook,
          transform: notebook,
          publish: notebook,
          on,
          maxRetries: 1,
        });
        // This job is deployed but not run, since no notebook sets the task value that its
        // condition reads.
        new IngestTransformPublish(stack, "some", {
          name: "some",
          ingest: notebook,
          transform: notebook,
          publish: notebook,
          on,
          publishWhenAny: "rows",
        });
      },
    });
    await project.deployClean("patterns-local");
    for (const [job, leaf] of [
      ["medallion", "report"],
      ["fan-out", "merge"],
      ["orders", "publish"],
    ] as const) {
      const run = await project.run("run", "patterns-local", job);
      expectExit(run, 0);
      expect(run.stdout).toContain(leaf);
    }
  });

  test("allow a developer's copy next to the stack: prefixed, tagged, and without automatic starts", async () => {
    const addJobs = (stack: WorkspaceStack): void => {
      for (const [id, schedule] of Object.entries({
        cron: Schedule.cron("0 0 6 * * ?", "Europe/Berlin"),
        files: Schedule.fileArrival("/Volumes/main/etl/in/"),
        hourly: Schedule.every(1, "HOURS"),
        stream: Schedule.continuous(),
      }))
        new Workflow(stack, id, { name: id, schedule }).addTask("a", { run: notebook, on });
      new AllPurposeCluster(stack, "cluster", { name: "shared", ...cluster });
    };
    project.build({
      main: addJobs,
      ada: (stack) => {
        addJobs(stack);
        Aspects.of(stack).add(new DevelopmentMode({ user: "ada.lovelace@example.com" }));
      },
    });
    await project.deployClean("ada-local");
    const isPaused = (job: Settings): boolean =>
      [job.schedule, job.trigger, job.continuous].some((start) => start?.pause_status === "PAUSED");
    const allJobs = await jobs();
    for (const id of ["cron", "files", "hourly", "stream"]) {
      const copies = allJobs.filter(({ name }) => name === `[dev ada_lovelace] ${id}`);
      expect(copies.map((job) => [isPaused(job), job.tags])).toEqual([
        [true, expect.objectContaining({ dev: "ada.lovelace", lakeform: "built/ada-local" })],
      ]);
    }
    await project.deployClean("main-local");
    expect(
      (await jobs())
        .filter(({ name }) => ["cron", "files", "hourly", "stream"].includes(name))
        .map(isPaused),
    ).toEqual([false, false, false, false]);
    expectExit(await project.run("verify", "ada-local"), 0);
  });
});
