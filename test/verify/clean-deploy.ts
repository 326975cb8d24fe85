/**
 * Deploys random configurations of every kind and verifies them immediately, with `--deep` and
 * `--unmanaged all`.
 */
import type { VerifyReport } from "../../src/verify";
import { kinds } from "../../src/resources";
import { prepareRandom, randomResources } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import { check, deployDirect, openLab, summary, type Deployed } from "./harness";

/**
 * @returns the findings that an empty deploy does not have, without unverifiable fields; it should
 * be empty
 */
export async function findingsAfterDeploy(count: number, seed: number): Promise<readonly string[]> {
  const lab = await openLab();
  const call = async (method: string, path: string, body?: unknown): Promise<JsonObject> => {
    const requestBody = body === undefined ? {} : { body: body as JsonObject };
    return (await lab.client.exchange({ method: method as "GET", path, ...requestBody }))
      .body as JsonObject;
  };
  try {
    await call("PUT", "/_lakeform/timing", {
      cluster_start_ms: 0,
      cluster_stop_ms: 0,
      library_install_ms: 0,
      warehouse_start_ms: 0,
    });
    const prerequisites = await prepareRandom({ call }, count);
    const verifyAll = (deployed: Deployed): Promise<VerifyReport> =>
      check(lab, deployed, { deep: true, unmanaged: "all" });
    const empty: Deployed = {
      stack: { resource: {} },
      state: { version: 4, serial: 1, lineage: "lab", resources: [] },
    };
    const findingsBefore = new Set(summary(await verifyAll(empty)));
    const resource = Object.fromEntries(
      kinds.map(({ type }) => [
        type,
        Object.fromEntries(
          randomResources(type, prerequisites, count, seed).map(({ config }, index) => [
            `${type.slice(11)}_${index}`,
            config,
          ]),
        ),
      ]),
    );
    const report = await verifyAll(await deployDirect(lab, resource));
    return summary(report).filter(
      (line) => !findingsBefore.has(line) && !line.startsWith("unverifiable"),
    );
  } finally {
    await lab.close();
  }
}
