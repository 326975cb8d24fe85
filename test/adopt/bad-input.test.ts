/** Jobs and policies that a workspace accepts, but that are not simply written as constructs. */
import type { Connection } from "../../src/api";
import { statementsOf } from "../../src/adopt/drift/statements";
import { renderAdoption } from "../../src/adopt/report";
import { selectJobs } from "../../src/adopt/workspace";
import type { FoundJob } from "../../src/adopt/model";
import type { Attributes } from "../../src/resources/kind";
import { removeSynthesized } from "../../src/testing/synthesize";
import {
  adoptInto,
  clientOf,
  codeOf,
  firstPlan,
  smallProject,
  synthesizeAdopted,
} from "../support/adopted";
import { removeFolders } from "../support/project";
import type { JsonObject } from "../support/replay-format";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let api: Connection;

beforeAll(() => {
  api = clientOf(workspace);
});
afterAll(removeFolders);

const create = (body: JsonObject): Promise<unknown> => api.post("/api/2.2/jobs/create", body);
const select = (...names: string[]): Promise<readonly FoundJob[]> =>
  selectJobs(api, { jobs: names, tags: [], all: false });
const notebook = (notebookPath: string): JsonObject => ({
  task_key: "t",
  notebook_task: { notebook_path: notebookPath },
});

test("a task type without a construct is written with the class of the bindings, with the reason above it", async () => {
  await create({
    name: "clean room",
    tasks: [
      {
        task_key: "run",
        clean_rooms_notebook_task: {
          clean_room_name: "shared",
          notebook_name: "match",
          notebook_base_parameters: { a: "1" },
        },
      },
      { ...notebook("/Shared/after"), depends_on: [{ task_key: "run" }] },
    ],
  });
  const root = smallProject("task-type");
  const adoption = await adoptInto(root, api, { jobs: await select("clean room") });
  const { "adopted/clean-room.ts": code = "" } = codeOf(root);
  expect(code).toContain(
    "The constructs cannot express it: no construct for a task of type clean_rooms_notebook_task. It is written with",
  );
  expect(code).toContain('cleanRoomsNotebookTask: { cleanRoomName: "shared"');
  expect(adoption.notes).toContainEqual(expect.objectContaining({ object: "job clean room" }));
  const stack = await synthesizeAdopted(root);
  expect(await firstPlan(stack, api)).toMatchObject({ creates: [], imports: 1 });
  removeSynthesized(stack);
});

test("a dependency on a condition without an outcome, and on an outcome of another task, have different reasons", () => {
  const reasonFor = (upstream: Attributes, outcome: Attributes): string => {
    const run = { notebook_task: [{ notebook_path: "/Shared/n" }] };
    const dependent = { task_key: "b", depends_on: [{ task_key: "a", ...outcome }], ...run };
    const attributes = { name: "j", task: [{ task_key: "a", ...upstream }, dependent] };
    try {
      statementsOf({ type: "databricks_job", id: "", name: "j", attributes });
    } catch (error) {
      return String(error);
    }
    return "none";
  };
  const condition = { condition_task: [{ left: "1", op: "EQUAL_TO", right: "1" }] };
  const run = { notebook_task: [{ notebook_path: "/Shared/n" }] };
  expect(reasonFor(condition, { outcome: "true" })).toBe("none");
  expect(reasonFor(condition, {})).toContain("depends on a without naming its outcome");
  expect(reasonFor(run, { outcome: "true" })).toContain(
    "depends on an outcome of a, which is not a condition",
  );
});

test("a notebook in Git with an absolute path keeps it, with an override", async () => {
  const inGit = { git_url: "https://github.com/a/b", git_provider: "gitHub", git_branch: "main" };
  const tasks = [{ task_key: "t", notebook_task: { notebook_path: "/Shared/n", source: "GIT" } }];
  await create({ name: "absolute", git_source: inGit, tasks });
  const root = smallProject("absolute-path");
  await adoptInto(root, api, { jobs: await select("absolute") });
  expect(codeOf(root)["adopted/absolute.ts"]).toContain('NotebookTask.inGit("Shared/n")');
  const stack = await synthesizeAdopted(root);
  const { creates, changes, imports } = await firstPlan(stack, api);
  expect({ creates, changes, imports }).toEqual({ creates: [], changes: {}, imports: 1 });
  removeSynthesized(stack);
});

test("a class of the bindings and a construct of the same name can be in one file", async () => {
  const root = smallProject("one-name");
  const policy = {
    type: "databricks_cluster_policy",
    id: "",
    name: "odd",
    attributes: { name: "odd", definition: "{}" },
  };
  await adoptInto(root, api, { objects: [policy] });
  const { "adopted/odd-policy.ts": code } = codeOf(root);
  expect(code).toMatch(
    /import \{ ClusterPolicy as ClusterPolicyResource \} from "@cdktf[^]*new ClusterPolicyResource\([^]*ClusterPolicy\.fromId\(/,
  );
  removeSynthesized(await synthesizeAdopted(root));
});

test("a notebook that the token may not export stays in the workspace, and is reported", async () => {
  await api.post("/api/2.0/workspace/import", {
    path: "/Shared/private",
    language: "PYTHON",
    format: "SOURCE",
    content: "",
  });
  await create({ name: "private", tasks: [notebook("/Shared/private")] });
  await api.post("/_lakeform/faults", {
    method: "GET",
    path: "/api/2.0/workspace/export",
    status: 403,
  });
  try {
    const root = smallProject("private");
    const { notes } = await adoptInto(root, api, { jobs: await select("private") });
    expect(notes.map(({ object, text }) => `${object}: ${text}`)).toEqual([
      "notebook /Shared/private: the token has no permission to export it: the code refers to it by its path",
    ]);
    expect(codeOf(root)["adopted/private.ts"]).toContain('NotebookTask.at("/Shared/private")');
  } finally {
    await api.delete("/_lakeform/faults");
  }
});

test("names that collide, are not identifiers or are TypeScript keywords get distinct files, members and constants", async () => {
  const names = [
    "class",
    "Class",
    "a-b",
    "a_b",
    "a b",
    "1st",
    "???",
    "constructor",
    "node",
    "stack",
    "index",
    "日次",
    "name",
    "x".repeat(200),
  ];
  for (const name of names)
    await create({
      name,
      tasks: [
        { task_key: "workflow", notebook_task: { notebook_path: "/Shared/x" } },
        { ...notebook("/Shared/stack"), task_key: "stack", depends_on: [{ task_key: "workflow" }] },
      ],
    });
  const jobs = (await selectJobs(api, { jobs: [], tags: [], all: true })).filter(({ name }) =>
    names.includes(name),
  );
  expect(jobs).toHaveLength(names.length);
  const root = smallProject("names");
  await adoptInto(root, api, { jobs });
  const code = codeOf(root);
  const files = Object.keys(code).filter(
    (file) => file.startsWith("adopted/") && file !== "adopted/index.ts",
  );
  expect(files).toHaveLength(names.length);
  expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(names.length);
  const stack = await synthesizeAdopted(root);
  expect(await firstPlan(stack, api)).toMatchObject({
    creates: [],
    changes: {},
    imports: names.length,
  });
  removeSynthesized(stack);
}, 30_000);

test("a job in the state of another stack is not adopted, and that stack is named", async () => {
  await create({ name: "owned", tasks: [notebook("/Shared/x")] });
  const jobs = await select("owned");
  const root = smallProject("owned");
  const stack = { name: "etl-prod", json: {}, metadata: { resources: {} } } as never;
  const resources = [
    {
      mode: "managed" as const,
      type: "databricks_job",
      name: "owned",
      instances: [{ schema_version: 2, attributes: { id: jobs[0]?.id ?? "" } }],
    },
  ];
  const adoption = await adoptInto(root, api, {
    jobs,
    stacks: [{ stack, state: { version: 4, serial: 1, lineage: "x", resources } }],
  });
  expect(renderAdoption(adoption)).toBe(
    "1 job of etl-prod already: owned\nnothing to adopt: the project already has all of these jobs\nto plan them: lakeform review etl-prod\n",
  );
  expect(Object.keys(codeOf(root))).toEqual(["main.ts"]);
});
