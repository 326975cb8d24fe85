/**
 * Immediately after a deploy of random valid configurations of every kind, there are no findings.
 */
import { resourceTypes } from "../../src/resources/shape/schema";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { scaled } from "../support/scale";
import type { Caller } from "../support/stack";
import { check, deployDirect, openLab, summary, type Lab } from "./harness";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "20240101");
/** The number of configurations of each kind: 24 give more than 500 in total. */
const count = scaled(24, 2);

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

test(`${count} random configurations of each kind are clean with and without --deep, and by name (LAKEFORM_SEED=${seed})`, async () => {
  const caller: Caller = {
    call: async (method, path, body) => {
      const requestBody = body === undefined ? {} : { body: body as JsonObject };
      return (await lab.client.exchange({ method: method as "GET" | "POST", path, ...requestBody }))
        .body as JsonObject;
    },
  };
  const timing = {
    cluster_start_ms: 0,
    cluster_stop_ms: 0,
    library_install_ms: 0,
    warehouse_start_ms: 0,
  };
  await lab.client.exchange({ method: "PUT", path: "/_lakeform/timing", body: timing });
  const prerequisites = await prepareRandom(caller, count);
  const unexpected: unknown[] = [];
  let deployedCount = 0;
  for (const type of resourceTypes()) {
    const configs = randomResources(type, prerequisites, count, seed).map(({ config }) => config);
    const deployed = await deployDirect(lab, {
      [type]: Object.fromEntries(configs.map((config, index) => [`r${index}`, config])),
    });
    deployedCount += configs.length;
    for (const options of [{}, { deep: true }, { byName: true }]) {
      const report = await check(lab, deployed, options);
      const lines = summary(report).filter((line) => !line.startsWith("unverifiable"));
      for (const line of lines) {
        const index = Number(/\.r(\d+)/.exec(line)?.[1] ?? "-1");
        unexpected.push([line, options, configs[index]]);
      }
      // No read may fail.
      expect([type, report.failures]).toEqual([type, []]);
    }
  }
  expect(unexpected).toEqual([]);
  expect(deployedCount).toBeGreaterThanOrEqual(count * 21);
});
