import { WorkspaceClock } from "../../src/workspace/clock";
import { Outcomes } from "../../src/workspace/jobs/outcomes";
import type { Run } from "../../src/workspace/jobs/run-model";
import { Runs } from "../../src/workspace/jobs/runs";
import { Store } from "../../src/workspace/store";

test("flush waits for a write that has started, also without further changes", async () => {
  const store = Store.open();
  const runs = new Runs({
    store,
    clock: WorkspaceClock.stopped(0),
    outcomes: new Outcomes(),
    workspace: () => ({ id: "1", url: "http://w" }),
    createChild: () => "there are no other jobs",
    limit: () => 10,
    clusters: {
      acquire: () => ({ ready: 0 }),
      release: () => undefined,
      storeUnsaved: () => () => undefined,
    },
    executions: () => ({
      launch: () => undefined,
      findResult: () => undefined,
      release: () => undefined,
      deleteFiles: () => undefined,
    }),
    onEnded: () => undefined,
    log: () => undefined,
  });
  const run: Run = {
    run_id: runs.nextId(),
    job_id: 2,
    run_name: "job",
    run_type: "JOB_RUN",
    trigger: "ONE_TIME",
    creator: "a",
    run_as: "a",
    format: "MULTI_TASK",
    number_in_job: 1,
    parameters: [],
    overriding: {},
    tasks: [],
    job_clusters: [],
    timeout_seconds: 0,
    queue: false,
    max_concurrent_runs: 1,
    repairs: [],
    clusters: {},
    left_out: [],
    life: "PENDING",
    start: 0,
  };
  let isWritten = false;
  runs.add(run);
  void runs.flush().then(() => (isWritten = true));
  // The first flush has taken the change and started its write, which needs more than a microtask.
  await Promise.resolve();
  await Promise.resolve();
  expect(isWritten).toBe(false);
  await runs.flush();
  expect(isWritten).toBe(true);
  await runs.close();
  await store.close();
});
