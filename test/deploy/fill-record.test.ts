import { noteDate } from "../../src/api/transport/clock";
import { makeRecord } from "../../src/deploy/fill-record";
import type { DeployTarget } from "../../src/deploy/target";

/** A target without resources, for whose record no calls are needed. */
const target = {
  stack: {
    name: "etl-local",
    directory: "/p",
    json: { resource: {} },
    metadata: { project: "p", environment: "local", variables: {}, resources: {} },
  },
  client: { host: "https://skewed.example" },
  terraform: { engine: { name: "terraform", version: "1.11.4" }, variables: {}, env: {} },
} as unknown as DeployTarget;
const recordedTime = async (): Promise<number> => {
  const facts = {
    by: "ann",
    digest: "d",
    fence: 1,
    versions: {},
    warnings: [],
    written: new Set<string>(),
    inherited: [],
    healed: [],
  };
  return Date.parse((await makeRecord(target, undefined, facts)).deployedAt);
};

// The gate `runs` of a promotion compares this time with the start of runs.
test("the time of a deploy is that of the workspace's clock, unless the clocks differ by only seconds", async () => {
  const hours = 7 * 3_600_000;
  noteDate(target.client.host, new Date(Date.now() + hours).toUTCString(), Date.now());
  expect(Math.abs((await recordedTime()) - Date.now() - hours)).toBeLessThan(10_000);
  noteDate(target.client.host, new Date(Date.now() - 2000).toUTCString(), Date.now());
  expect(Math.abs((await recordedTime()) - Date.now())).toBeLessThan(1000);
});
