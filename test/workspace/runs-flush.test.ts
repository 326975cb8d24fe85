import { WorkspaceClock } from "../../src/workspace/clock";
import { Outcomes } from "../../src/workspace/jobs/outcomes";
import { Runs } from "../../src/workspace/jobs/runs";
import { Store } from "../../src/workspace/store";
import { makeRun } from "./jobs-support";

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
  const run = makeRun({ run_id: runs.nextId() });
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
