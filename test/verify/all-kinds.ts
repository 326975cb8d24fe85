/** A stack with many resources of every kind, deployed without Terraform, and its record. */
import { hashContents } from "../../src/deploy/fill-record";
import { kinds } from "../../src/resources";
import type { DeploymentRecord } from "../../src/verify/deployed/record";
import type { StackJson } from "../../src/terraform/stack";
import { prepareRandom, randomResources, type RandomPrerequisites } from "../support/random-kinds";
import type { JsonObject } from "../support/replay-format";
import type { Caller } from "../support/stack";
import { checkFully, deployDirect, type Deployed, type Lab } from "./harness";

export const stackName = "lab-local";

/** Calls the workspace for the objects that the configurations refer to. */
export function callerOf(lab: Lab): Caller {
  return {
    call: async (method, path, body) => {
      const requestBody = body === undefined ? {} : { body: body as JsonObject };
      return (await lab.client.exchange({ method: method as "GET" | "POST", path, ...requestBody }))
        .body as JsonObject;
    },
  };
}

export async function prepareLab(lab: Lab, count: number): Promise<RandomPrerequisites> {
  const caller = callerOf(lab);
  await caller.call("PUT", "/_lakeform/timing", {
    cluster_start_ms: 0,
    cluster_stop_ms: 0,
    library_install_ms: 0,
    warehouse_start_ms: 0,
  });
  return prepareRandom(caller, count);
}

/** Returns the field that opens an isolated object: its bindings would cost one call per object. */
export const openIsolated = ({ isolation_mode }: JsonObject): JsonObject =>
  isolation_mode === "ISOLATED" ? { isolation_mode: "OPEN" } : {};

/** Deploys `count` resources of each kind, or as many as a workspace can have. */
export async function deployAllKinds(lab: Lab, count: number): Promise<Deployed> {
  const prerequisites = await prepareLab(lab, count);
  const parts: Deployed[] = [];
  for (const { type } of kinds) {
    const named: Record<string, JsonObject> = {};
    for (const [index, { config }] of randomResources(type, prerequisites, count, 7).entries())
      named[`r${index}`] = { ...config, ...openIsolated(config) };
    parts.push(await deployDirect(lab, { [type]: named }));
  }
  const [first] = parts;
  if (first === undefined) throw new Error("there are no kinds");
  const resources = parts.flatMap(({ stack }) => Object.entries(stack.resource ?? {}));
  return {
    stack: { resource: Object.fromEntries(resources) },
    state: { ...first.state, resources: parts.flatMap(({ state }) => state.resources) },
  };
}

/** The record that a deploy of the stack would have written before its verification. */
export async function recordFor({ stack, state }: Deployed): Promise<DeploymentRecord> {
  return {
    version: 1,
    project: "lab",
    environment: "local",
    stack: stackName,
    deployedAt: new Date().toISOString(),
    deployedBy: "deployer@example.com",
    versions: {},
    state: { lineage: state.lineage, serial: state.serial },
    synthesized: stack,
    content: await hashContents(stack as StackJson, "/nowhere"),
    secrets: {},
  };
}

/** The record with the versions that the verification after the deploy finds. */
export async function verifiedRecord(lab: Lab, deployed: Deployed): Promise<DeploymentRecord> {
  const record = await recordFor(deployed);
  const verified = await checkFully(lab, deployed, { record, recordVersions: true });
  return { ...record, verified: verified.versions(stackName) };
}
