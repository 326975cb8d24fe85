/** Ctrl-C in the middle of an apply, through the real terraform: what has begun is finished and saved, the rest is not begun. */
import { everyKind, prepare, resourcesOf, type Sample } from "../support/every-kind";
import type { JsonObject } from "../support/replay-format";
import { nothing, Stack } from "../support/stack";

let stack: Stack;
let samples: readonly Sample[];
beforeAll(async () => {
  stack = await Stack.open();
  // clusters and warehouses are waited for: errors.test.ts
  const waited = ["databricks_cluster", "databricks_sql_endpoint"];
  samples = everyKind(await prepare(stack)).filter(({ type }) => !waited.includes(type));
}, 60_000);
afterAll(() => stack.close());

const delay = 1500;
const slow = (): void => {
  for (const method of ["POST", "PUT", "PATCH"]) stack.workspace.faults.add({ method, path: "/api/*", when: "before", delay_ms: delay });
};
const begun = (): number => stack.workspace.faults.list().reduce((sum, { fired }) => sum + fired, 0);

test("creates of every kind that are under way are finished; they are in the state, whole; what depends on them is not begun", async () => {
  const later: JsonObject = {
    databricks_directory: { later: { path: "/Shared/later", depends_on: samples.map(({ type }) => `${type}.a`) } },
  };
  const { databricks_directory: directory, ...others } = resourcesOf(samples, ({ config }) => config) as Record<string, JsonObject>;
  stack.write({ ...others, databricks_directory: { ...directory, ...(later["databricks_directory"] as JsonObject) } });
  slow();
  const { code, output } = await stack.directory.interrupted(
    ["apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=40"],
    () => begun() >= samples.length,
  );
  stack.workspace.faults.clear();
  expect(output).toContain("Interrupt received");
  expect(code).toBe(1);
  const saved = stack.directory.readState();
  expect(saved.map(({ type, name }) => `${type}.${name}`).sort()).toEqual(samples.map(({ type }) => `${type}.a`).sort());
  expect(saved.filter(({ instances }) => instances[0]?.status === "tainted")).toEqual([]);
  const { actions, errors } = await stack.apply();
  expect({ actions, errors }).toEqual({ actions: { "databricks_directory.later": "create" }, errors: [] });
  expect(await stack.plan()).toEqual(nothing);
}, 120_000);

test("a destroy that is interrupted forgets what it has deleted, and keeps the rest", async () => {
  stack.workspace.faults.add({ method: "POST", path: "/api/2.0/workspace/delete", when: "after", delay_ms: delay });
  const { code } = await stack.directory.interrupted(
    ["destroy", "-auto-approve", "-input=false", "-no-color", "-target=databricks_directory.later"],
    () => begun() > 0,
  );
  stack.workspace.faults.clear();
  expect(code).toBe(1);
  expect(Object.keys(stack.state()).sort()).toEqual(samples.map(({ type }) => `${type}.a`).sort());
}, 60_000);
