/**
 * The complete lifecycle of a stack with the real terraform, the embedded provider and the local
 * workspace: changes, drift, moves, imports.
 */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { Directory, requiredProviders } from "../support/replay-terraform";
import type { JsonObject } from "../support/replay-format";
import { callRest } from "../support/rest";

interface Line {
  readonly type?: string;
  readonly change?: { readonly action: string; readonly resource: { readonly addr: string } };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail: string;
  };
}

describe("a stack applied by terraform", () => {
  let workspace: RunningWorkspace;
  let directory: Directory;

  beforeAll(async () => {
    workspace = await startWorkspace();
    directory = new Directory({
      DATABRICKS_HOST: workspace.host,
      DATABRICKS_TOKEN: workspace.token,
    });
    await directory.init();
  });
  afterAll(async () => {
    directory.close();
    await workspace.close();
  });

  function write(resource: JsonObject, otherSections: JsonObject = {}): void {
    directory.write("main.tf.json", {
      terraform: { required_providers: requiredProviders },
      resource,
      ...otherSections,
    });
  }

  /** Runs one terraform command. @returns its reported actions, by address */
  async function terraform(
    ...args: string[]
  ): Promise<{ code: number; actions: Record<string, string>; errors: string[] }> {
    const { code, stdout } = await directory.terraform([...args, "-input=false", "-json"]);
    const lines = stdout
      .split("\n")
      .flatMap((text) => (text.startsWith("{") ? [JSON.parse(text) as Line] : []));
    const plannedChanges = lines.filter(
      (line) => line.type === "planned_change" && line.change !== undefined,
    );
    return {
      code,
      actions: Object.fromEntries(
        plannedChanges.map((line) => [line.change?.resource.addr ?? "", line.change?.action ?? ""]),
      ),
      errors: lines.flatMap(({ diagnostic }) =>
        diagnostic?.severity === "error" ? [`${diagnostic.summary}\n${diagnostic.detail}`] : [],
      ),
    };
  }

  const call = (method: string, path: string, body?: unknown): Promise<JsonObject> =>
    callRest(workspace, method, path, body) as Promise<JsonObject>;

  const attribute = (type: string, name: string, field: string): unknown =>
    directory.readState().find((item) => item.type === type && item.name === name)?.instances[0]
      ?.attributes[field];

  const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge" };
  const task = (
    key: string,
    dependencies: readonly string[] = [],
    path = `/Shared/${key}`,
  ): JsonObject => ({
    task_key: key,
    notebook_task: { notebook_path: path },
    job_cluster_key: "shared",
    depends_on: dependencies.map((task_key) => ({ task_key })),
  });
  const jobOf = (changes: JsonObject = {}): JsonObject => ({
    name: "etl",
    // The tasks are not in alphabetical order, and the plan must still be empty.
    task: [task("transform", ["ingest"]), task("ingest")],
    job_cluster: [{ job_cluster_key: "shared", new_cluster: { ...cluster, num_workers: 2 } }],
    tags: { team: "data" },
    ...changes,
  });
  const stackOf = (job: JsonObject, otherResources: JsonObject = {}): JsonObject => ({
    databricks_job: { etl: job },
    databricks_cluster_policy: {
      small: { name: "small", definition: '{"num_workers": {"type": "range", "maxValue": 4}}' },
    },
    databricks_instance_pool: {
      pool: {
        instance_pool_name: "pool",
        node_type_id: "i3.xlarge",
        idle_instance_autotermination_minutes: 10,
      },
    },
    databricks_sql_endpoint: { wh: { name: "wh", cluster_size: "2X-Small" } },
    databricks_cluster: {
      shared: {
        cluster_name: "shared",
        ...cluster,
        num_workers: 1,
        policy_id: "${databricks_cluster_policy.small.id}",
        library: [{ pypi: { package: "requests" } }],
      },
    },
    ...otherResources,
  });

  /** The pool with another node type, which only a new pool can have. */
  const largePool = {
    databricks_instance_pool: {
      pool: {
        instance_pool_name: "pool",
        node_type_id: "i3.2xlarge",
        idle_instance_autotermination_minutes: 10,
      },
    },
  };

  test("is created with an empty next plan", async () => {
    // Fields that the workspace never returns must not be planned again.
    const unreturnedFields = {
      job_cluster: [
        {
          job_cluster_key: "shared",
          new_cluster: {
            ...cluster,
            num_workers: 2,
            apply_policy_default_values: true,
            __apply_policy_default_values_allow_list: ["num_workers"],
            docker_image: {
              url: "registry.example.com/a",
              basic_auth: { username: "u", password: "not-returned" },
            },
          },
        },
      ],
      trigger: [
        { table_update: [{ table_names: ["main.default.orders"], condition: "ANY_UPDATED" }] },
      ],
    };
    write(stackOf(jobOf(unreturnedFields)));
    const applyResult = await terraform("apply", "-auto-approve");
    expect(applyResult.errors).toEqual([]);
    expect(Object.values(applyResult.actions)).toEqual([
      "create",
      "create",
      "create",
      "create",
      "create",
    ]);
    const { actions, errors } = await terraform("plan");
    expect({ actions, errors }).toEqual({ actions: {}, errors: [] });
    const { settings } = await call(
      "GET",
      `/api/2.2/jobs/get?job_id=${String(attribute("databricks_job", "etl", "id"))}`,
    );
    expect(JSON.stringify(settings)).not.toMatch(/condition|apply_policy|not-returned/);
  }, 120_000);

  test("is updated in place, and replaced only if an attribute requires it", async () => {
    const changedStack = stackOf(
      jobOf({ tags: { team: "ml" }, task: [task("ingest"), task("publish", ["ingest"])] }),
    );
    write({ ...changedStack, ...largePool });
    const id = attribute("databricks_job", "etl", "id");
    const { actions, errors } = await terraform("apply", "-auto-approve");
    expect(errors).toEqual([]);
    expect(actions).toEqual({
      "databricks_job.etl": "update",
      "databricks_instance_pool.pool": "replace",
    });
    expect(attribute("databricks_job", "etl", "id")).toBe(id);
    const { settings } = await call("GET", `/api/2.2/jobs/get?job_id=${String(id)}`);
    expect(
      (settings as { tasks: { task_key: string }[] }).tasks.map((task) => task.task_key).sort(),
    ).toEqual(["ingest", "publish"]);
    expect((await terraform("plan")).actions).toEqual({});
  }, 120_000);

  test("has its workspace changes and deletions reverted", async () => {
    const id = Number(attribute("databricks_job", "etl", "id"));
    await call("POST", "/api/2.2/jobs/update", {
      job_id: id,
      new_settings: { tags: { team: "nobody" } },
    });
    await call(
      "DELETE",
      `/api/2.0/sql/warehouses/${String(attribute("databricks_sql_endpoint", "wh", "id"))}`,
    );
    const { actions, errors } = await terraform("apply", "-auto-approve");
    expect(errors).toEqual([]);
    expect(actions).toEqual({
      "databricks_job.etl": "update",
      "databricks_sql_endpoint.wh": "create",
    });
    expect((await terraform("plan")).actions).toEqual({});
  }, 120_000);

  test("respects moved blocks, ignore_changes and prevent_destroy", async () => {
    const movedBlock = { moved: [{ from: "databricks_job.etl", to: "databricks_job.daily" }] };
    const lifecycle = { ignore_changes: ["tags"], prevent_destroy: true };
    const movedJob = {
      ...jobOf({ tags: { team: "other" }, task: [task("ingest"), task("publish", ["ingest"])] }),
      lifecycle,
    };
    const { databricks_job: _job, ...others }: JsonObject = { ...stackOf({}), ...largePool };
    write({ ...others, databricks_job: { daily: movedJob } }, movedBlock);
    const plan = await terraform("plan");
    expect(plan.errors).toEqual([]);
    expect(Object.values(plan.actions).filter((action) => action !== "move")).toEqual([]);
    const protectedPlan = await terraform("plan", "-destroy");
    expect(protectedPlan.errors.join("\n")).toContain("prevent_destroy");
    // A resource that is removed from the configuration is removed with its protection.
    write(others);
    const unprotectedPlan = await terraform("plan");
    expect(unprotectedPlan.errors).toEqual([]);
    expect(unprotectedPlan.actions).toEqual({ "databricks_job.etl": "delete" });
  }, 120_000);

  test("is imported by the ids of its objects, and nothing else is planned", async () => {
    const ids = Object.fromEntries(
      directory
        .readState()
        .map((item) => [
          `${item.type}.${item.name}`,
          item.instances[0]?.attributes["id"] as string,
        ]),
    );
    directory.remove("terraform.tfstate");
    const resources: JsonObject = {
      ...stackOf(
        jobOf({ task: [task("ingest"), task("publish", ["ingest"])], tags: { team: "ml" } }),
      ),
      ...largePool,
    };
    // As with the official provider, an import does not read the libraries of a cluster.
    const { library: _library, ...withoutLibrary } = (
      resources["databricks_cluster"] as { shared: JsonObject }
    ).shared;
    const imports = Object.entries(ids).map(([to, id]) => ({ to, id }));
    write({ ...resources, databricks_cluster: { shared: withoutLibrary } }, { import: imports });
    const { actions, errors } = await terraform("apply", "-auto-approve");
    expect(errors).toEqual([]);
    expect(
      Object.values(actions).filter((action) => action !== "import" && action !== "noop"),
    ).toEqual([]);
    expect(directory.readState()).toHaveLength(imports.length);
  }, 120_000);

  test("is destroyed", async () => {
    const { errors } = await terraform("destroy", "-auto-approve");
    expect(errors).toEqual([]);
    const remaining = await Promise.all([
      call("GET", "/api/2.2/jobs/list"),
      call("GET", "/api/2.0/sql/warehouses"),
      call("GET", "/api/2.0/instance-pools/list"),
    ]);
    expect(
      remaining.map(
        (item) => (item["jobs"] ?? item["warehouses"] ?? item["instance_pools"] ?? []) as unknown[],
      ),
    ).toEqual([[], [], []]);
  }, 120_000);
});
