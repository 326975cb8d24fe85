/** A deployed object of each kind of the matrix, for tests in which the workspace fails. */
import { connect, type Connection } from "../../src/api";
import type { VerifyReport } from "../../src/verify";
import type { JsonObject } from "../../src/workspace/errors";
import { check, deployDirect, type Deployed, type Lab } from "./harness";
import { configOf, openMatrixLab } from "./matrix/run";
import { matrixKinds } from "./matrix/kinds";

export interface BadDayLab extends Lab {
  readonly deployed: Deployed;
  /** The report of a verification without failures. */
  readonly calmReport: VerifyReport;
}

export async function openBadDayLab(): Promise<BadDayLab> {
  const lab = await openMatrixLab();
  const resource: Record<string, NonNullable<Deployed["stack"]["resource"]>[string]> = {};
  const resources: Deployed["state"]["resources"][number][] = [];
  for (const kind of matrixKinds) {
    const named = { d: await configOf(lab, kind, "bad-day") };
    resource[kind.type] = named;
    resources.push(...(await deployDirect(lab, { [kind.type]: named })).state.resources);
  }
  const deployed: Deployed = {
    stack: { resource },
    state: { version: 4, serial: 1, lineage: "lab", resources },
  };
  const calmReport = await check(lab, deployed, { deep: true });
  return { ...lab, deployed, calmReport };
}

export function addFaults({ workspace }: Lab, ...rules: readonly JsonObject[]): void {
  for (const rule of rules) workspace.faults.add(rule);
}

/** Connects a client that makes few retries. */
export const connectImpatient = ({ workspace }: Lab): Connection =>
  connect({
    env: {},
    host: workspace.host,
    token: workspace.token,
    retry: { attempts: 2, baseMs: 1, capMs: 2 },
  });
