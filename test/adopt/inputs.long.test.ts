/**
 * Adopts input from other sources: the jobs in the recordings of the official provider, the sample
 * of `test/fixtures/rest-api-guide.md`, and bundles.
 */
import fs from "node:fs";
import path from "node:path";
import type { Connection } from "../../src/api";
import { readBundle } from "../../src/adopt/bundle/bundle";
import { selectJobs } from "../../src/adopt/workspace";
import { removeSynthesized } from "../../src/testing/synthesize";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { typeProblems } from "../support/generated-code";
import { removeFolders, repository } from "../support/project";
import type { JsonObject } from "../support/replay-format";
import { unexplainedDifferences } from "../support/round-trip";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;

beforeAll(async () => {
  api = clientOf(workspace);
  for (const name of ["dev@example.com", "runner@example.com"])
    await api.post("/api/2.0/preview/scim/v2/Users", { userName: name });
  await api.post("/api/2.0/preview/scim/v2/ServicePrincipals", {
    applicationId: "aaaaaaaa-bbbb-cccc-dddd-000000000001",
    displayName: "etl",
  });
  for (const displayName of ["analysts", "engineers"])
    await api.post("/api/2.0/preview/scim/v2/Groups", { displayName });
  await api.post("/api/2.0/policies/clusters/create", { name: "Small jobs", definition: "{}" });
  await api.post("/api/2.0/sql/warehouses", { name: "Shared BI", cluster_size: "Small" });
});
afterAll(removeFolders);

/**
 * Adds compute to dbt tasks: the platform rejects a dbt task without it, unlike the server of the
 * recordings.
 */
function withDbtCompute({ tasks }: JsonObject): void {
  for (const task of (tasks ?? []) as unknown as Record<string, unknown>[])
    if ("dbt_task" in task && !("environment_key" in task))
      task["existing_cluster_id"] ??= "1114-221320-00000001";
}

/**
 * Returns the distinct job settings of the recorded calls to jobs/create and jobs/reset, dbt tasks
 * with compute, and the sample of the REST API guide.
 */
function recordedBodies(): readonly JsonObject[] {
  const folder = path.join(repository, "test", "fixtures", "official-provider");
  const bodies = new Map<string, JsonObject>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== "object" || value === null) return;
    const {
      method,
      path: route,
      body,
    } = value as { method?: unknown; path?: unknown; body?: unknown };
    if (
      method === "POST" &&
      typeof route === "string" &&
      /\/jobs\/(create|reset)$/.test(route) &&
      typeof body === "object" &&
      body !== null
    ) {
      const { new_settings: settings = body } = body as { new_settings?: JsonObject };
      withDbtCompute(settings as JsonObject);
      bodies.set(JSON.stringify(settings), settings as JsonObject);
    }
    Object.values(value).forEach(walk);
  };
  for (const file of fs.readdirSync(folder))
    walk(JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")));
  const guide = fs.readFileSync(
    path.join(repository, "test", "fixtures", "rest-api-guide.md"),
    "utf8",
  );
  const sample =
    /POST \/api\/2\.1\/jobs\/create[\s\S]*?```json\n([\s\S]*?)```/.exec(guide)?.[1] ?? "";
  return [...bodies.values(), JSON.parse(sample) as JsonObject];
}

/**
 * The names of the recorded jobs that the platform rejects. These recordings test how the provider
 * handles the error.
 */
const namesOfRefusedJobs = ["Git", "x", "x"];
/**
 * The fields that the first plan changes for a job in the old format, with a single task in
 * top-level fields: a deploy converts the fields to a list, as an edit in the user interface does.
 */
const oldFormatChanges = ["existing_cluster_id", "max_retries", "notebook_task", "task"];

test("every recorded job body becomes code that compiles and reproduces the jobs with a plan of imports only, except for jobs in the old format", async () => {
  const bodies = recordedBodies();
  expect(bodies.length).toBeGreaterThan(40);
  const refusedNames: unknown[] = [];
  for (const body of bodies)
    await api.post("/api/2.2/jobs/create", body).catch(() => refusedNames.push(body["name"]));
  expect(refusedNames).toEqual(namesOfRefusedJobs);
  const jobs = await selectJobs(api, { jobs: [], tags: [], all: true });
  const root = smallProject("recorded");
  const adoption = await adoptInto(root, api, { jobs });
  const stack = await synthesizeAdopted(root);
  const plan = await firstPlan(stack, api);
  removeSynthesized(stack);
  const rawObjects = adoption.notes
    .filter(({ text }) => text.startsWith("written with"))
    .map(({ object }) => object);
  const isLegacy = ([address]: readonly [string, unknown]): boolean =>
    address.startsWith("databricks_job.legacy");
  const changes = Object.entries(plan.changes);
  expect(changes.filter(isLegacy).map(([, fields]) => fields)).toEqual([
    oldFormatChanges,
    oldFormatChanges,
  ]);
  const otherChanges = Object.fromEntries(changes.filter((item) => !isLegacy(item)));
  const roundTrip = {
    plan: { ...plan, changes: otherChanges },
    raw: rawObjects,
    objects: jobs.length,
  };
  // The constructs reject jobs without tasks.
  expect(unexplainedDifferences(roundTrip)).toEqual({
    creates: [],
    changes: [],
    raw: ["job Empty", "job Empty 2"],
  });
  expect(typeProblems(filesOf(root))).toEqual([]);
}, 60_000);

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const filesOf = (root: string): string[] =>
  Object.keys(codeOf(root))
    .filter((file) => file.endsWith(".ts") && file !== "main.ts")
    .map((file) => path.join(root, "stacks", file));

/** Bundles modelled on public examples, in `test/fixtures/bundles`. */
const bundles = path.join(repository, "test", "fixtures", "bundles");

test("every bundle becomes code that compiles and synthesizes, and fields without a counterpart are listed", async () => {
  const root = smallProject("bundles");
  const resultByBundle: Record<string, unknown> = {};
  for (const name of fs.readdirSync(bundles).sort()) {
    const file = path.join(bundles, name, "databricks.yml");
    const bundle = await readBundle({ api, file, environment: "local", variables: [], env: {} });
    const adoption = await adoptInto(root, api, { stack: name, ...bundle });
    const stack = await synthesizeAdopted(root, name);
    const resources = Object.entries(stack.json.resource ?? {}).flatMap(([type, named]) =>
      Object.values(named).map((item) => `${type} ${text(item["name"] ?? item["path"])}`.trim()),
    );
    removeSynthesized(stack);
    resultByBundle[name] = {
      resources: resources.sort(),
      notes: adoption.notes.map((note) =>
        `${note.object}: ${note.text}`.replace(/the id \w+/, "the id ID"),
      ),
    };
  }
  expect(resultByBundle).toMatchSnapshot();
  expect(typeProblems(filesOf(root))).toEqual([]);
}, 60_000);
