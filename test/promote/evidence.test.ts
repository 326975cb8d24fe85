/** The evidence of the gate `verified`. Runs the real command. */
import { expectExit } from "../support/cli";
import { callRest } from "../support/rest";
import type { RunningWorkspace } from "../../src/workspace/server";
import { gateOutcomes, usePipeline } from "./promotion-lab";

const pipeline = usePipeline();
const dev = (): RunningWorkspace => pipeline.workspaces.dev as RunningWorkspace;

beforeAll(async () => {
  expectExit(await pipeline.run("deploy", "dev", "--auto-approve"), 0);
}, 60_000);
afterEach(() => dev().faults.clear());

test("contains the cause of a failed read", async () => {
  dev().faults.add({ path: "/api/2.0/permissions/*", status: 403, times: 100 });
  dev().faults.add({ path: "/api/2.2/jobs/*", status: 403, times: 100 });
  const result = await pipeline.run("promote", "dev", "staging", "--auto-approve", "--no-run");
  expectExit(result, 2);
  expect(gateOutcomes(result).at(-1)).toBe("verified failed");
  expect(result.stdout).toMatch(/(error|not read): [^\n]*injected fault[^\n]*403/);
  expect(result.stdout).toContain("lakeform verify dev --deep repeats the check");
});

test("names the objects and fields that differ", async () => {
  const { jobs } = (await callRest(dev(), "GET", "/api/2.2/jobs/list")) as {
    jobs: { job_id: number }[];
  };
  await callRest(dev(), "POST", "/api/2.2/jobs/update", {
    job_id: jobs[0]?.job_id,
    new_settings: { timeout_seconds: 77 },
  });
  const result = await pipeline.run("promote", "dev", "staging", "--auto-approve", "--no-run");
  expect(gateOutcomes(result).at(-1)).toBe("verified failed");
  expect(result.stdout).toMatch(/drift: [\w/-]+: timeout_seconds\n/);
});
