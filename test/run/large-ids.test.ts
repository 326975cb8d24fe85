/** Ids have 64 bits: commands keep each digit in requests, output and suggested commands. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { command, type CommandResult } from "./command";

const job = "9007199254740993";
const run = "9223372036854775807";
const task = "9007199254740995";
/** The same ids after rounding by JavaScript. */
const rounded = /9007199254740992|9007199254740994|9007199254740996|922337203685477(6000|5808)/;

let server: Server;
let lifeCycle: string;
const requests: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      requests.push(
        `${path.slice(path.indexOf("jobs"))} ${query}${Buffer.concat(chunks).toString()}`,
      );
      const state = `{"life_cycle_state": "${lifeCycle}", "result_state": "FAILED"}`;
      const runJson = `{"run_id": ${run}, "job_id": ${job}, "run_name": "j", "state": ${state}, "tasks": [{"task_key": "t", "run_id": ${task}, "notebook_task": {}, "state": ${state}}], "repair_history": [{"type": "REPAIR", "id": ${task}}]}`;
      const responses: Record<string, string> = {
        "/get": `{"job_id": ${job}, "settings": {"name": "j"}}`,
        "/list": `{"jobs": [{"job_id": ${job}, "settings": {"name": "j"}}]}`,
        "/run-now": `{"run_id": ${run}}`,
        "/runs/get": runJson,
        "/runs/list": `{"runs": [${runJson}]}`,
        "/runs/get-output": `{"error": "boom"}`,
        "/runs/export": `{"views": [{"name": "n", "type": "NOTEBOOK", "content": "x"}]}`,
        "/runs/repair": `{"repair_id": ${run}}`,
      };
      const longestFirst = Object.keys(responses).sort((a, b) => b.length - a.length);
      const name = longestFirst.find((end) => path.endsWith(end));
      response.end(name === undefined ? "{}" : responses[name]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => server.close());

async function lakeform(...words: string[]): Promise<CommandResult & { readonly all: string }> {
  requests.length = 0;
  const { port } = server.address() as AddressInfo;
  const result = await command([...words, "--host", `http://127.0.0.1:${port}`], {
    DATABRICKS_TOKEN: "t",
  });
  const all = [result.stdout, result.stderr, ...requests].join("\n");
  expect(all).not.toMatch(rounded);
  return { ...result, all };
}

beforeEach(() => (lifeCycle = "TERMINATED"));

test.each(["text", "json"])(
  "run shows large ids exactly, by id and by name (%s)",
  async (format) => {
    for (const word of [job, "j"]) {
      const { all, code } = await lakeform("run", word, "--format", format, "--quiet");
      expect(code).toBe(2);
      expect(requests.find((line) => line.startsWith("jobs/run-now"))).toContain(`"job_id":${job}`);
      expect(requests).toContainEqual(expect.stringContaining(`run_id=${run}`));
      expect(all).toContain(run);
    }
  },
);

test("run --no-wait suggests a command with the exact run id", async () => {
  expect((await lakeform("run", job, "--no-wait")).stdout).toContain(
    `lakeform runs show ${run} --follow`,
  );
});

test.each([["text"], ["json"]])(
  "runs list, show and output show large ids exactly (%s)",
  async (format) => {
    expect((await lakeform("runs", "list", job, "--format", format)).stdout).toContain(run);
    expect(requests.at(-1)).toContain(`job_id=${job}`);
    expect((await lakeform("runs", "show", run, "--format", format)).stdout).toContain(run);
    await lakeform("runs", "output", run, "--format", format);
    expect(requests).toContainEqual(expect.stringContaining(`run_id=${task}`));
  },
);

test("runs cancel and repair send the exact number", async () => {
  lifeCycle = "RUNNING";
  await lakeform("runs", "cancel", run, "--no-wait");
  expect(requests).toContainEqual(expect.stringContaining(`{"run_id":${run}}`));
  lifeCycle = "TERMINATED";
  await lakeform("runs", "repair", run, "--no-wait");
  expect(requests).toContainEqual(
    expect.stringContaining(`"run_id":${run},"latest_repair_id":${task}`),
  );
});

test("api passes numbers exactly, in both directions", async () => {
  const { stdout } = await lakeform(
    "api",
    "POST",
    "2.1/jobs/run-now",
    "--json",
    `{"job_id": ${job}, "text": "${job}"}`,
  );
  expect(requests).toEqual([`jobs/run-now {"job_id":${job},"text":"${job}"}`]);
  expect(stdout).toBe(`{\n  "run_id": ${run}\n}\n`);
  expect((await lakeform("api", "GET", "2.1/jobs/list", "--paginate")).stdout).toContain(
    `"job_id": ${job},`,
  );
});
