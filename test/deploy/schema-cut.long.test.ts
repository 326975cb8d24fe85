/**
 * Deploys random stacks with random changes of code and workspace, with the reduced schema and with
 * the full one: both give the same review and digest, the same calls, and the same final state, in
 * which absent and null are equal.
 */
import { expectExit } from "../support/cli";
import { removeFolders, setResource } from "../support/project";
import { prepareRandom, randomResources, type RandomResource } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { scaled } from "../support/scale";
import { WatchedProject } from "../support/watched";

const rounds = scaled(20, 1);
const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240301");
/** All large types, and some small ones. */
const counts = {
  databricks_job: 4,
  databricks_cluster: 2,
  databricks_instance_pool: 1,
  databricks_directory: 1,
};

/** Manual changes of a job: in blocks that its configuration has, and in other blocks. */
const manualChanges: readonly ((settings: JsonObject) => void)[] = [
  (settings) => Object.assign(firstTask(settings), { description: "by hand" }),
  (settings) =>
    Object.assign(settings, {
      schedule: {
        quartz_cron_expression: "0 0 5 * * ?",
        timezone_id: "UTC",
        pause_status: "PAUSED",
      },
    }),
  (settings) => Object.assign(settings, { description: "by hand", tags: { by: "hand" } }),
  (settings) =>
    Object.assign(firstTask(settings), {
      health: { rules: [{ metric: "RUN_DURATION_SECONDS", op: "GREATER_THAN", value: 9 }] },
    }),
];
const firstTask = (settings: JsonObject): JsonObject =>
  (settings["tasks"] as JsonObject[])[0] ?? {};

describe(`random stacks (LAKEFORM_SEED=${seed})`, () => {
  afterAll(removeFolders);

  test.each(Array.from({ length: rounds }, (_, round) => round))(
    "have the same plans with the reduced and the full schema (round %i)",
    async (round) => {
      const projects = [
        await WatchedProject.open({}, { LAKEFORM_SCHEMA_CUT: "full" }),
        await WatchedProject.open({}),
      ];
      try {
        const resources = new Map<string, readonly RandomResource[]>();
        for (const { watched } of projects) {
          const prerequisites = await prepareRandom(watched, 1);
          for (const [type, count] of Object.entries(counts))
            resources.set(type, randomResources(type, prerequisites, count, seed + round));
        }
        const steps = [
          ({ config }: RandomResource) => config,
          ({ config, changed }: RandomResource) => changed?.config ?? config,
        ];
        for (const [stepIndex, step] of steps.entries()) {
          for (const project of projects)
            setResource(project.root, "etl-local", configuration(resources, step));
          // Verify finds a change in a field of the reduced schema; only a refresh finds a change in
          // another field.
          if (stepIndex > 0) for (const project of projects) await changeManually(project, round);
          const options = round % 2 === 0 ? [] : ["--no-verify"];
          await expectEqual(projects, (project) => project.review(...options));
          for (const project of projects) {
            project.watched.calls.length = 0;
            const result = await project.run("deploy", "local", "--auto-approve", ...options);
            if (result.code !== 2) expectExit(result, 0);
          }
          await expectEqual(projects, (project) => writes(project));
          await expectEqual(projects, (project) => project.state());
        }
        for (const project of projects) project.watched.calls.length = 0;
        for (const project of projects)
          expectExit(await project.run("destroy", "local", "--auto-approve"), 0);
        await expectEqual(projects, (project) => writes(project));
      } finally {
        for (const project of projects) await project.close();
      }
    },
  );
});

async function expectEqual(
  projects: readonly WatchedProject[],
  valueOf: (project: WatchedProject) => unknown,
): Promise<void> {
  const values: unknown[] = [];
  for (const project of projects)
    values.push(JSON.parse(withoutIds(JSON.stringify(await valueOf(project)))));
  expect(values[1]).toEqual(values[0]);
}

/** Replaces ids, which differ since Terraform creates objects in any order. */
const withoutIds = (text: string): string =>
  text.replaceAll(/\b(?:\d{4}-\d{6}-[\w-]+|1\d{14}|[0-9a-f]{16,})\b/g, "0");

function configuration(
  resources: ReadonlyMap<string, readonly RandomResource[]>,
  config: (resource: RandomResource) => JsonObject,
): JsonObject {
  return Object.fromEntries(
    [...resources].map(([type, list]) => [
      type,
      Object.fromEntries(list.map((resource, i) => [`r${i}`, config(resource)])),
    ]),
  );
}

async function changeManually({ watched }: WatchedProject, round: number): Promise<void> {
  const { jobs } = (await watched.call(
    "GET",
    "/api/2.2/jobs/list?limit=100&expand_tasks=true",
  )) as {
    jobs: { job_id: number; settings: JsonObject }[];
  };
  const ownJobs = jobs
    .filter(({ settings }) => JSON.stringify(settings["name"]).startsWith('"job-'))
    .sort((a, b) =>
      JSON.stringify(a.settings["name"]).localeCompare(JSON.stringify(b.settings["name"])),
    );
  for (const [i, { job_id, settings }] of ownJobs.entries()) {
    if (i % 2 === round % 2) continue;
    manualChanges[(i + round) % manualChanges.length]?.(settings);
    await watched.call("POST", "/api/2.2/jobs/reset", { job_id, new_settings: settings });
  }
}

/** Lists the writes, except those to workspace objects: the record contains times. */
function writes({ watched }: WatchedProject): readonly string[] {
  return watched.calls
    .filter(({ method, path }) => method !== "GET" && !path.startsWith("/api/2.0/workspace/"))
    .map(({ method, path, body }) =>
      withoutIds(`${method} ${path} ${body}`.replaceAll(watched.host, "HOST")),
    )
    .sort();
}
