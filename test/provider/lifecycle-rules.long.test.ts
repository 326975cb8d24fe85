/**
 * Terraform's own rules with our resources, through the real terraform: create_before_destroy,
 * ignore_changes, prevent_destroy, -replace, -refresh-only and others.
 */
import type { JsonObject } from "../support/replay-format";
import { noChanges, Stack } from "../support/stack";

let stack: Stack;
beforeAll(async () => (stack = await Stack.open()), 60_000);
afterAll(() => stack.close());

const pool = (node: string, changes: JsonObject = {}): JsonObject => ({
  // Names are unique, so both objects cannot have the same one.
  instance_pool_name: `pool-${node}`,
  node_type_id: node,
  idle_instance_autotermination_minutes: 10,
  ...changes,
});
const job = (changes: JsonObject = {}): JsonObject => ({
  name: "job",
  description: "one",
  ...changes,
});
const listPools = async (): Promise<unknown[]> =>
  ((await stack.call("GET", "/api/2.0/instance-pools/list"))["instance_pools"] as
    unknown[] | undefined) ?? [];
/** The calls that changed pools, in their order. */
const poolCalls = (): string[] =>
  stack.workspace
    .journal()
    .flatMap(({ method, path }) =>
      method === "POST" && path.startsWith("/api/2.0/instance-pools/")
        ? [path.split("/").at(-1) ?? ""]
        : [],
    );

test("create_before_destroy creates the new object first, a plain replacement deletes the old one first, and -replace replaces an unchanged object", async () => {
  stack.write({
    databricks_instance_pool: {
      a: pool("i3.xlarge", { lifecycle: { create_before_destroy: true } }),
      b: pool("i3.4xlarge"),
    },
  });
  expect((await stack.apply()).errors).toEqual([]);
  stack.write({
    databricks_instance_pool: {
      a: pool("i3.2xlarge", { lifecycle: { create_before_destroy: true } }),
      b: pool("i3.4xlarge"),
    },
  });
  const callsOfCreation = poolCalls().length;
  const { actions, errors } = await stack.apply("-target=databricks_instance_pool.a");
  expect({ actions, errors }).toEqual({
    actions: { "databricks_instance_pool.a": "replace" },
    errors: [],
  });
  const replaceResult = await stack.apply("-replace=databricks_instance_pool.b");
  expect(replaceResult).toMatchObject({
    actions: { "databricks_instance_pool.b": "replace" },
    errors: [],
  });
  expect(poolCalls().slice(callsOfCreation)).toEqual(["create", "delete", "delete", "create"]);
  expect(await listPools()).toHaveLength(2);
  expect(await stack.plan()).toEqual(noChanges);
}, 120_000);

test("ignore_changes: neither a change of the configuration nor one in the workspace is planned", async () => {
  const withIgnoreChanges = { lifecycle: { ignore_changes: ["description", "tags"] } };
  stack.write({ databricks_job: { a: job({ tags: { team: "data" }, ...withIgnoreChanges }) } });
  expect((await stack.apply()).errors).toEqual([]);
  const id = Number(stack.state()["databricks_job.a"]?.["id"]);
  await stack.call("POST", "/api/2.2/jobs/update", {
    job_id: id,
    new_settings: { tags: { team: "other" } },
  });
  stack.write({
    databricks_job: {
      a: job({ description: "two", tags: { team: "data" }, ...withIgnoreChanges }),
    },
  });
  expect(await stack.plan()).toEqual(noChanges);
  // Another change does not revert ignored fields.
  stack.write({
    databricks_job: {
      a: job({ name: "renamed", description: "two", tags: { team: "data" }, ...withIgnoreChanges }),
    },
  });
  expect(await stack.apply()).toMatchObject({
    actions: { "databricks_job.a": "update" },
    errors: [],
  });
  const { settings } = await stack.call("GET", `/api/2.2/jobs/get?job_id=${id}`);
  expect(settings).toMatchObject({ name: "renamed", description: "one", tags: { team: "other" } });
}, 120_000);

test("prevent_destroy refuses a destroy and a replacement", async () => {
  const withPreventDestroy = { lifecycle: { prevent_destroy: true } };
  stack.write({
    databricks_job: { a: job({ name: "renamed", ...withPreventDestroy }) },
    databricks_instance_pool: { a: pool("i3.xlarge", withPreventDestroy) },
  });
  expect((await stack.apply()).errors).toEqual([]);
  expect(
    (await stack.terraform("plan", "-destroy")).errors.map((error) =>
      /Instance cannot be destroyed/.test(error),
    ),
  ).toContain(true);
  stack.write({
    databricks_job: { a: job({ name: "renamed", ...withPreventDestroy }) },
    databricks_instance_pool: { a: pool("i3.2xlarge", withPreventDestroy) },
  });
  const { errors } = await stack.plan();
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/Instance cannot be destroyed/);
  expect(await listPools()).toHaveLength(1);
}, 120_000);

test("-refresh-only copies workspace changes to the state, and changes nothing in the workspace", async () => {
  stack.write({
    databricks_job: { a: job({ name: "renamed" }) },
    databricks_instance_pool: { a: pool("i3.xlarge") },
  });
  expect((await stack.apply()).errors).toEqual([]);
  const id = stack.state()["databricks_job.a"]?.["id"];
  await stack.call("POST", "/api/2.2/jobs/update", {
    job_id: Number(id),
    new_settings: { name: "by hand" },
  });
  const countWrites = (): number => stack.workspace.journal({ method: "POST" }).length;
  const writesBefore = countWrites();
  expect(await stack.apply("-refresh-only")).toEqual(noChanges);
  expect(countWrites()).toBe(writesBefore);
  expect(stack.state()["databricks_job.a"]).toMatchObject({ id, name: "by hand" });
  expect(await stack.apply()).toMatchObject({
    actions: { "databricks_job.a": "update" },
    errors: [],
  });
}, 120_000);

test("a resource can be moved into a for_each set by an override, next to an import block", async () => {
  const { job_id } = (await stack.call("POST", "/api/2.2/jobs/create", { name: "c" })) as {
    job_id: number;
  };
  const id = stack.state()["databricks_job.a"]?.["id"];
  // This is cdktf's output for an iterator.
  stack.write(
    {
      databricks_job: { a: { for_each: '${toset(["renamed", "b", "c"])}', name: "${each.key}" } },
      databricks_instance_pool: { a: pool("i3.xlarge") },
    },
    {
      moved: [{ from: "databricks_job.a", to: 'databricks_job.a["renamed"]' }],
      import: [{ to: 'databricks_job.a["c"]', id: String(job_id) }],
    },
  );
  const { actions, errors } = await stack.apply();
  expect(errors).toEqual([]);
  expect(actions).toEqual({
    'databricks_job.a["b"]': "create",
    'databricks_job.a["c"]': "import",
    // the description is no longer in the configuration
    'databricks_job.a["renamed"]': "update",
  });
  const jobs =
    stack.directory.readState().find(({ type }) => type === "databricks_job")?.instances ?? [];
  expect(jobs.map(({ attributes }) => attributes["name"]).sort()).toEqual(["b", "c", "renamed"]);
  expect(jobs.find(({ attributes }) => attributes["name"] === "renamed")?.attributes["id"]).toBe(
    id,
  );
  expect(await stack.plan()).toEqual(noChanges);
  expect((await stack.terraform("destroy", "-auto-approve")).errors).toEqual([]);
  expect((await stack.call("GET", "/api/2.2/jobs/list"))["jobs"] ?? []).toEqual([]);
}, 120_000);
