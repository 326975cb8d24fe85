/** The number of calls and the time of a verification of a stack of 1,000 resources of all kinds. */
import type { ReadClient } from "../../src/api/client";
import { kinds } from "../../src/resources";
import { deployAllKinds, verifiedRecord } from "./all-kinds";
import { check, openLab, type Lab } from "./harness";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

/** Returns a client that counts calls by route. */
function countingClient({ client }: Lab): {
  readonly api: ReadClient;
  readonly calls: Map<string, number>;
} {
  const calls = new Map<string, number>();
  const count = (method: string, path: string): void => {
    const route = `${method} ${path.replaceAll(/\/[^/]*\d[^/]*(?=\/|$)/g, (part) => (/^\/\d\.\d$/.test(part) ? part : "/…"))}`;
    calls.set(route, (calls.get(route) ?? 0) + 1);
  };
  const api: ReadClient = {
    host: client.host,
    get: (path, options) => (count("GET", path), client.get(path, options)),
    head: (path, options) => (count("HEAD", path), client.head(path, options)),
    download: (path, options) => (count("GET", path), client.download(path, options)),
  };
  return { api, calls };
}

test("1,000 resources of all kinds need at most 150 calls", async () => {
  const deployed = await deployAllKinds(lab, 18);
  expect(deployed.state.resources.length).toBeGreaterThanOrEqual(1000);
  expect(new Set(deployed.state.resources.map(({ type }) => type)).size).toBe(kinds.length);
  const record = await verifiedRecord(lab, deployed);
  const runs: { readonly wall: number; readonly processor: number }[] = [];
  let callsByRoute: ReadonlyMap<string, number> = new Map();
  for (let run = 0; run < 5; run += 1) {
    const { api, calls } = countingClient(lab);
    const [started, usageBefore] = [performance.now(), process.cpuUsage()];
    const report = await check({ client: api }, deployed, { record });
    const { user, system } = process.cpuUsage(usageBefore);
    runs.push({ wall: performance.now() - started, processor: (user + system) / 1000 });
    expect(report.calls).toBeLessThanOrEqual(150);
    expect(report.exitCode).toBe(0);
    expect(report.counts).toMatchObject({ drift: 0, pending: 0, missing: 0, unmanaged: 0 });
    callsByRoute = calls;
  }
  const repeatedRoutes = [...callsByRoute]
    .filter(([, count]) => count > 1)
    .sort(([, a], [, b]) => b - a);
  /** The third of the five runs in order. */
  const median = (of: "wall" | "processor"): number =>
    Math.round(runs.map((run) => run[of]).sort((a, b) => a - b)[2] ?? 0);
  console.log(
    [
      `${deployed.state.resources.length} resources, ${[...callsByRoute.values()].reduce((a, b) => a + b, 0)} calls, median ${median("wall")} ms, ${median("processor")} ms of processor time (with the workspace)`,
      ...repeatedRoutes.map(([route, count]) => `${String(count).padStart(4)} ${route}`),
    ].join("\n"),
  );
});
