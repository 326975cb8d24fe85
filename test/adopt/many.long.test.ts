import type { Connection } from "../../src/api";
import { selectJobs } from "../../src/adopt/workspace";
import type { Followed } from "../../src/adopt/model";
import { adoptInto, clientOf, codeOf, smallProject, synthesizeAdopted } from "../support/adopted";
import { removeFolders } from "../support/project";
import { scaled } from "../support/scale";
import { useWorkspace } from "../support/workspace";

/** The number of jobs, with ten tasks each. */
const count = scaled(1000, 50);
const workspace = useWorkspace();
let api: Connection;

beforeAll(async () => {
  api = clientOf(workspace);
  for (let index = 0; index < count; index += 1) {
    const tasks = Array.from({ length: 10 }, (_item, taskIndex) => ({
      task_key: `step_${taskIndex}`,
      job_cluster_key: "main",
      notebook_task: { notebook_path: `/Shared/job-${index}/step_${taskIndex}` },
      ...(taskIndex === 0 ? {} : { depends_on: [{ task_key: `step_${taskIndex - 1}` }] }),
    }));
    const cluster = {
      spark_version: "15.4.x-scala2.12",
      node_type_id: "i3.xlarge",
      num_workers: 2,
    };
    await api.post("/api/2.2/jobs/create", {
      name: `job ${index % (count / 2)}`,
      tags: { team: `team-${index % 7}` },
      job_clusters: [{ job_cluster_key: "main", new_cluster: cluster }],
      tasks,
    });
  }
});
afterAll(removeFolders);

test(`${count} jobs of ten tasks become code at less than 60 ms of processor time per job, with the same code for selectors in any order, and a second run adds only new jobs`, async () => {
  const select = (): ReturnType<typeof selectJobs> =>
    selectJobs(api, { jobs: [], tags: [], all: true });
  const follow = new Set<Followed>(["permissions"]);
  const roots = [smallProject("many"), smallProject("many")] as const;
  const cpuBefore = process.cpuUsage();
  const adoption = await adoptInto(roots[0], api, { jobs: await select(), follow });
  const { user, system } = process.cpuUsage(cpuBefore);
  process.stdout.write(
    `${count} jobs: ${((user + system) / 1e6).toFixed(1)} s of processor time, the workspace's included\n`,
  );
  expect((user + system) / 1e6).toBeLessThan((60 * count) / 1000 + 5);
  expect(adoption.added).toHaveLength(count);
  const lastNamesFirst = Array.from({ length: count / 2 }, (_item, index) => `job ${index}`);
  const jobsByName = await selectJobs(api, {
    jobs: lastNamesFirst.reverse(),
    tags: [],
    all: false,
  });
  await adoptInto(roots[1], api, { jobs: jobsByName, follow });
  expect(codeOf(roots[1])).toEqual(codeOf(roots[0]));
  const stack = await synthesizeAdopted(roots[0]);
  expect(Object.keys(stack.json.resource?.["databricks_job"] ?? {})).toHaveLength(count);
  const sizes = Object.values(codeOf(roots[0])).map((code) => code.split("\n").length);
  expect(Math.max(...sizes)).toBeLessThan(Math.max(200, count * 2 + 50));
  // A second run changes nothing; with a new job, it adds only that job.
  const secondRun = await adoptInto(roots[0], api, {
    jobs: await select(),
    follow,
    stacks: [{ stack, state: undefined }],
  });
  expect([secondRun.written, secondRun.added]).toEqual([[], []]);
  await api.post("/api/2.2/jobs/create", {
    name: "one more",
    tasks: [{ task_key: "t", notebook_task: { notebook_path: "/Shared/x" } }],
  });
  const code = codeOf(roots[0]);
  const thirdRun = await adoptInto(roots[0], api, {
    jobs: await select(),
    follow,
    stacks: [{ stack, state: undefined }],
  });
  expect(thirdRun.written.toSorted()).toEqual([
    "stacks/adopted/index.ts",
    "stacks/adopted/one-more.ts",
  ]);
  const { "adopted/index.ts": _index, ...otherFiles } = code;
  expect(codeOf(roots[0])).toMatchObject(otherFiles);
});
