import fs from "node:fs";
import path from "node:path";
import type { Review } from "../../../src/review";
import { expectExit, lakeform } from "../../support/cli";
import { makeProject, removeFolders, setResource } from "../../support/project";
import { callRest } from "../../support/rest";
import { useWorkspace } from "../../support/workspace";

type Fields = Readonly<Record<string, unknown>>;
const task = (workers: number): Fields => ({
  task_key: "a",
  notebook_task: { notebook_path: "/Shared/a" },
  new_cluster: {
    spark_version: "15.4.x-scala2.12",
    node_type_id: "Standard_DS3_v2",
    num_workers: workers,
  },
});
const schedule = { quartz_cron_expression: "0 0 5 * * ?", timezone_id: "UTC" };
const job = (name: string, more: Fields = {}): Fields => ({
  name,
  timeout_seconds: 600,
  task: [task(2)],
  ...more,
});

const before = {
  databricks_catalog: { lake: { name: "lake" }, old: { name: "old", force_destroy: true } },
  databricks_schema: { raw: { catalog_name: "${databricks_catalog.lake.name}", name: "raw" } },
  databricks_volume: {
    v: {
      catalog_name: "${databricks_catalog.lake.name}",
      schema_name: "${databricks_schema.raw.name}",
      name: "landing",
      volume_type: "MANAGED",
    },
  },
  databricks_secret_scope: { s: { name: "etl" }, gone: { name: "gone" } },
  databricks_secret: {
    k: { scope: "${databricks_secret_scope.s.name}", key: "k", string_value: "${var.TOKEN}" },
  },
  databricks_instance_pool: {
    p: {
      instance_pool_name: "pool",
      node_type_id: "Standard_DS3_v2",
      idle_instance_autotermination_minutes: 10,
    },
  },
  databricks_sql_endpoint: { w: { name: "bi", cluster_size: "Small", auto_stop_mins: 10 } },
  databricks_grants: {
    g: {
      catalog: "${databricks_catalog.lake.name}",
      grant: [{ principal: "analysts", privileges: ["USE_CATALOG"] }],
    },
  },
  databricks_job: {
    main: job("main", {
      run_as: { service_principal_name: "00000000-0000-0000-0000-000000000001" },
    }),
    plain: job("plain"),
    queued: job("queued", { queue: { enabled: true } }),
    nightly: job("nightly", { schedule: { ...schedule, pause_status: "UNPAUSED" } }),
    renamed: job("same name"),
    other: job("other"),
  },
  databricks_permissions: {
    p: {
      job_id: "${databricks_job.main.id}",
      access_control: [{ group_name: "users", permission_level: "CAN_VIEW" }],
    },
  },
};
const { gone: _gone, ...scopes } = before.databricks_secret_scope;
const { renamed, other: _other, ...jobs } = before.databricks_job;
const {
  databricks_instance_pool: _pool,
  databricks_sql_endpoint: _warehouse,
  ...unchanged
} = before;
const after = {
  ...unchanged,
  databricks_catalog: { lake: before.databricks_catalog.lake },
  databricks_schema: { raw: { ...before.databricks_schema.raw, name: "raw_events" } },
  databricks_secret_scope: scopes,
  databricks_secret: {
    ...before.databricks_secret,
    second: { ...before.databricks_secret.k, key: "second" },
  },
  databricks_grants: {
    g: {
      ...before.databricks_grants.g,
      grant: [{ principal: "analysts", privileges: ["USE_CATALOG", "CREATE_SCHEMA"] }],
    },
  },
  databricks_job: {
    ...jobs,
    main: job("main", {
      run_as: { service_principal_name: "00000000-0000-0000-0000-000000000002" },
      task: [task(8)],
    }),
    queued: job("queued"),
    nightly: job("nightly", { schedule: { ...schedule, pause_status: "PAUSED" } }),
    renamed_job: renamed,
  },
  databricks_permissions: {
    p: {
      ...before.databricks_permissions.p,
      access_control: [{ group_name: "users", permission_level: "CAN_MANAGE_RUN" }],
    },
  },
};

describe("the flags at the top of a review of real plans", () => {
  const workspace = useWorkspace();
  let env: NodeJS.ProcessEnv;
  let root: string;
  const stack = "etl-local";

  beforeAll(async () => {
    env = {
      LAKEFORM_LOCAL_HOST: workspace.host,
      LAKEFORM_LOCAL_TOKEN: workspace.token,
      TOKEN: "flags-canary-3Hs8",
    };
    root = makeProject({
      [stack]: {
        variables: { TOKEN: { environment: "TOKEN" } },
        variable: { TOKEN: { type: "string", sensitive: true } },
        resource: before,
      },
    });
    for (const id of [1, 2])
      await call("/api/2.0/preview/scim/v2/ServicePrincipals", {
        displayName: `etl-${id}`,
        applicationId: `00000000-0000-0000-0000-00000000000${id}`,
      });
    await call("/api/2.0/preview/scim/v2/Groups", { displayName: "analysts" });
    expectExit(await lakeform(root, ["deploy", stack, "--quiet", "--auto-approve"], env), 0);
    setResource(root, stack, after);
    const change = async (name: string, settings: Fields): Promise<void> => {
      const { jobs: matchingJobs } = (await call(`/api/2.2/jobs/list?name=${name}`)) as {
        jobs: { job_id: number }[];
      };
      await call("/api/2.2/jobs/update", {
        job_id: matchingJobs[0]?.job_id,
        new_settings: settings,
      });
    };
    await change("nightly", { timeout_seconds: 60 });
    await change("plain", { schedule });
  }, 300_000);
  afterAll(removeFolders);

  const call = (route: string, body?: unknown): Promise<Fields> =>
    callRest(workspace, body === undefined ? "GET" : "POST", route, body);
  async function review(...words: string[]): Promise<{ review: Review; text: string }> {
    const result = await lakeform(
      root,
      ["review", stack, "--quiet", "--out", "review.json", ...words],
      env,
    );
    expectExit(result, 0);
    return {
      review: JSON.parse(fs.readFileSync(path.join(root, "review.json"), "utf8")) as Review,
      text: result.stdout,
    };
  }

  test("are shown with count, message and construct", async () => {
    const { review: reviewed, text } = await review();
    const flags = Object.fromEntries(
      (reviewed.stacks[0]?.flags ?? []).map(({ kind, items }) => [
        kind,
        items.map(({ address, text: message }) => `${address}: ${message}`),
      ]),
    );
    expect(flags).toEqual({
      stateful: [
        "databricks_catalog.old: destroys catalog old",
        "databricks_instance_pool.p: destroys instance pool pool",
        "databricks_secret_scope.gone: destroys secret scope gone",
        "databricks_sql_endpoint.w: destroys SQL warehouse bi",
        "databricks_schema.raw: replaces schema raw",
        "databricks_volume.v: replaces volume landing",
      ],
      permissions: [
        "databricks_grants.g: update grants: grant[analysts].privileges[CREATE_SCHEMA]",
        "databricks_permissions.p: update permissions: access_control[users].permission_level",
      ],
      "run-as": [
        "databricks_job.main: run_as.service_principal_name 00000000-0000-0000-0000-000000000001 -> 00000000-0000-0000-0000-000000000002",
      ],
      secrets: [
        "databricks_secret_scope.gone: delete secret scope gone",
        "databricks_secret.second: create secret second",
      ],
      schedule: ["databricks_job.nightly: schedule is switched off"],
      compute: ["databricks_job.main: task[a].new_cluster.num_workers 2 -> 8"],
      history: [
        "databricks_job.other: destroys job other",
        "databricks_job.renamed: destroys job same name",
      ],
      "drift-overwritten": ["databricks_job.nightly: timeout_seconds"],
      "left-out": [
        "databricks_job.plain: schedule (changed in the workspace)",
        "databricks_job.queued: queue.enabled (changed in the code)",
      ],
      renamed: ["databricks_job.renamed: is now databricks_job.renamed_job"],
    });
    expect(text).toContain("etl-local: 2 create, 4 update, 2 replace, 6 destroy (5 unchanged)");
    expect(text).toContain(
      "! 2 x differences outside Terraform's plan (fixed by lakeform deploy --heal)",
    );
    expect(reviewed.stacks[0]?.leftOut).toMatchObject([
      { address: "databricks_job.plain", field: "schedule", before: schedule },
      { address: "databricks_job.queued", field: "queue.enabled", before: true },
    ]);
    expect(text).not.toContain(env.TOKEN);
  });

  test("suggest a moved block for a rename, which keeps the job when pasted unchanged", async () => {
    const { review: reviewed } = await review();
    const [rename] = reviewed.stacks[0]?.renames ?? [];
    const file = path.join(root, "cdktf.out", "stacks", stack, "moved.tf");
    fs.writeFileSync(file, rename?.moved ?? "");
    const { review: moved, text } = await review();
    expect(moved.stacks[0]?.counts).toMatchObject({ create: 1, delete: 5 });
    expect(moved.stacks[0]?.renames).toEqual([]);
    expect(text).toContain("moved from databricks_job.renamed");
    expect(
      moved.stacks[0]?.changes.find(({ address }) => address === "databricks_job.renamed_job"),
    ).toMatchObject({ action: "move" });
  });

  test("are empty after a deploy with --heal, which writes what the plan omits", async () => {
    const { review: reviewed } = await review("--heal");
    expect(reviewed.digest).not.toBe((await review()).review.digest);
    expectExit(
      await lakeform(
        root,
        ["deploy", stack, "--quiet", "--heal", "--approve", reviewed.digest],
        env,
      ),
      0,
    );
    // A file that Terraform reads in addition to the synth output is flagged at each review.
    expect((await review()).text).toContain(
      "file.moved.tf: read by Terraform, but not part of the synth output",
    );
    fs.rmSync(path.join(root, "cdktf.out", "stacks", stack, "moved.tf"));
    const { text } = await review();
    expect(text).toContain("nothing to do");
    expect(text).not.toContain("!");
    expect(
      ((await call("/api/2.2/jobs/list?name=plain")).jobs as { settings: Fields }[])[0]?.settings,
    ).not.toHaveProperty("schedule");
  });

  test("belong to the right stack if two stacks with the same addresses are healed together", async () => {
    const projectOfTwo = makeProject({
      "one-local": {
        resource: { databricks_job: { j: job("of one", { queue: { enabled: true } }) } },
      },
      "two-local": { resource: { databricks_job: { j: job("of two") } } },
    });
    expectExit(
      await lakeform(projectOfTwo, ["deploy", "local", "--quiet", "--auto-approve"], env),
      0,
    );
    setResource(projectOfTwo, "one-local", { databricks_job: { j: job("of one") } });
    const readJob = async (name: string): Promise<{ job_id: number; settings: Fields }> => {
      const { jobs: matchingJobs } = (await call(
        `/api/2.2/jobs/list?name=${encodeURIComponent(name)}`,
      )) as { jobs: { job_id: number }[] };
      return (await call(`/api/2.2/jobs/get?job_id=${matchingJobs[0]?.job_id}`)) as {
        job_id: number;
        settings: Fields;
      };
    };
    await call("/api/2.2/jobs/update", {
      job_id: (await readJob("of two")).job_id,
      new_settings: { schedule },
    });
    const healed = await lakeform(
      projectOfTwo,
      ["deploy", "local", "--heal", "--auto-approve"],
      env,
    );
    expectExit(healed, 0);
    const announced = healed.stdout.slice(
      healed.stdout.indexOf("drift to revert over REST"),
      healed.stdout.indexOf("deployed one-local"),
    );
    expect(announced.match(/^ {4}\S+:/gm)).toEqual(["    queue.enabled:", "    schedule:"]);
    // Independent stacks are deployed in parallel, so either can finish first.
    const lines = ["healed databricks_job.j (queue.enabled)", "healed databricks_job.j (schedule)"];
    expect(healed.stderr.match(/healed .*/g)?.sort()).toEqual(lines);
    expect((await readJob("of one")).settings.queue).not.toMatchObject({ enabled: true });
    expect((await readJob("of two")).settings).not.toHaveProperty("schedule");
    // By name, because the workspace also has the stack of the other project.
    const names = ["one-local", "two-local"];
    expectExit(await lakeform(projectOfTwo, ["verify", ...names, "--quiet"], env), 0);
  });
});
