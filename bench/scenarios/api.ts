// The overhead of the API client over plain undici: both send 5,000 GETs of a small JSON body per
// second (LAKEFORM_BENCH_PACE) to a server in a separate process. `cpuMicros` is this process's CPU
// time per call, which varies less than wall time on a busy machine. `callsPerSecond` shows whether
// the rate was reached.
import { spawn, type ChildProcess } from "node:child_process";
import { Pool } from "undici";
import { connect, type Connection } from "../../src/api";
import type { Scenario } from "../scenario";

const pace = Number(process.env.LAKEFORM_BENCH_PACE ?? "5000");
const seconds = Number(process.env.LAKEFORM_BENCH_SECONDS ?? "2");
const connections = 16;

const serverSource = `
  const http = require("node:http");
  const body = JSON.stringify({ job_id: 1, settings: { name: "daily-etl", tasks: [{ task_key: "ingest" }, { task_key: "transform" }] } });
  const server = http.createServer((request, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => process.stdout.write(String(server.address().port)));
`;

interface Lab {
  readonly server: ChildProcess;
  readonly pool: Pool;
  readonly client: Connection;
}

/** Measures calls that start at the target rate, in batches every 10 ms. */
async function measureCalls(
  call: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> {
  const total = pace * seconds;
  const started = performance.now();
  const before = process.cpuUsage();
  const running: Promise<unknown>[] = [];
  while (running.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - started) / 1000) * pace));
    while (running.length < due) running.push(call());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(running);
  const { user, system } = process.cpuUsage(before);
  return {
    cpuMicros: (user + system) / total,
    callsPerSecond: total / ((performance.now() - started) / 1000),
  };
}

async function setup(): Promise<Lab> {
  const child = spawn(process.execPath, ["-e", serverSource], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<string>((resolve) =>
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString())),
  );
  const host = `http://127.0.0.1:${port}`;
  return {
    server: child,
    pool: new Pool(host, { connections }),
    client: connect({ host, token: "t", env: {}, concurrency: connections }),
  };
}

async function getWithUndici({ pool }: Lab): Promise<unknown> {
  const { statusCode, body } = await pool.request({
    path: "/api/2.1/jobs/get?job_id=1",
    method: "GET",
    headers: { accept: "application/json", "user-agent": "lakeform", authorization: "Bearer t" },
  });
  if (statusCode !== 200) throw new Error(`status ${statusCode}`);
  return JSON.parse(await body.text());
}

export const scenario: Scenario<Lab> = {
  title: `GET at ${pace} calls a second: client compared with undici`,
  baseline: "undici",
  warmup: 2,
  repeats: Number(process.env.LAKEFORM_BENCH_REPEATS ?? "5"),
  setup,
  teardown: async (lab) => {
    await lab.pool.destroy();
    await lab.client.close();
    lab.server.kill();
  },
  variants: [
    { name: "undici", run: (lab) => measureCalls(() => getWithUndici(lab)) },
    {
      name: "lakeform client",
      run: (lab) =>
        measureCalls(() => lab.client.get("/api/2.1/jobs/get", { query: { job_id: 1 } })),
    },
  ],
};
