import type { JsonObject } from "../../src/workspace/errors";
import { notebook, startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
beforeAll(async () => {
  server = await startTestWorkspace();
});
afterAll(() => server.close());

test.each<[string, JsonObject[]]>([
  [
    "300 tasks in a chain",
    Array.from({ length: 300 }, (_, index) =>
      notebook(`t${index}`, index === 0 ? [] : [`t${index - 1}`]),
    ),
  ],
  ["1,000 parallel tasks", Array.from({ length: 1000 }, (_, index) => notebook(`t${index}`))],
])(
  "a run of %s succeeds within 40 s",
  async (_case, tasks) => {
    const { job_id } = await server.ok("POST", "/api/2.2/jobs/create", { tasks });
    const started = performance.now();
    const { run_id } = await server.ok("POST", "/api/2.2/jobs/run-now", { job_id: job_id ?? 0 });
    await server.advance("1h");
    const states = new Set<string>();
    let taskCount = 0;
    for (let token = ""; ;) {
      const page = await server.ok(
        "GET",
        `/api/2.2/jobs/runs/get?run_id=${asId(run_id)}${token === "" ? "" : `&page_token=${token}`}`,
      );
      for (const task of page.tasks as { state: { result_state: string } }[]) {
        taskCount++;
        states.add(task.state.result_state);
      }
      if (page.next_page_token === undefined) break;
      token = asId(page.next_page_token);
    }
    expect([taskCount, [...states]]).toEqual([tasks.length, ["SUCCESS"]]);
    // A quadratic algorithm takes minutes. The limit allows for a busy machine.
    expect(performance.now() - started).toBeLessThan(40_000);
  },
  60_000,
);
