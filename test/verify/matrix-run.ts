/** Runs the matrix for jobs: one job a field and variant, each changed behind our back, one verification for all. */
import { check, type Deployed, type Lab } from "./harness";
import { jobLeaves, jobValues, jobWith, reasonOutside, wireJob } from "./matrix-job";
import { tellsOf, type FieldNode, type Json } from "./matrix-fields";
import { findKind } from "../../src/resources";
import { schemaOf, type Block } from "../../src/resources/schema";
import { stateOf } from "../../src/resources/sdk-state";
import { withDefaults } from "./harness";
import type { Attributes } from "../../src/resources/kind";
import type { StateResource } from "../../src/verify/input";

/** One of them must be there, and only one: adding or removing one alone is refused. */
const exclusive =
  /\.(instance_pool_id|node_type_id|driver_instance_pool_id)$|^new_cluster\.(instance_pool_id|node_type_id|driver_instance_pool_id)$|^git_source\.provider$/;

/** Taken away it is not gone: the platform keeps or derives it. */
const keptByReset = /^run_as\.|\.source$/;

export type Variant = "changed" | "added" | "removed";

export interface Outcome {
  readonly field: string;
  readonly variant: Variant;
  readonly outcome: "detected" | "missed" | "extra" | "refused" | "unapplied" | "dirty";
  readonly detail?: string;
}

interface Case {
  readonly leaf: FieldNode;
  readonly variant: Variant;
  readonly name: string;
  readonly id: number;
}

export async function runJobMatrix(lab: Lab, choose: (leaf: FieldNode, at: number) => boolean): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const cases: Case[] = [];
  const resources: Record<string, Record<string, Json>> = {};
  const state: StateResource[] = [];
  const fields = jobLeaves().filter((leaf) => reasonOutside(leaf) === undefined && !leaf.computedOnly);
  for (const [at, leaf] of fields.entries()) {
    if (!choose(leaf, at)) continue;
    for (const variant of ["changed", "added", "removed"] as const) {
      if (leaf.required && variant !== "changed") continue;
      const [a, b] = [jobValues(leaf, "a"), jobValues(leaf, "b")];
      if (variant === "changed" && (leaf.type === "bool" || JSON.stringify(a) === JSON.stringify(b))) continue;
      if ((exclusive.test(leaf.path) || keptByReset.test(leaf.path)) && variant !== "changed") continue;
      if (variant === "removed" && leaf.hasDefault) continue;
      const name = `m${at}-${variant}`;
      const first = variant === "removed" && leaf.type === "bool" ? true : jobValues(leaf, "a");
      const config = jobWith(leaf, variant === "added" ? undefined : first, name);
      try {
        const attributes = await createJob(lab, config);
        resources[name] = config;
        state.push({ mode: "managed", type: "databricks_job", name, instances: [{ attributes }] });
        cases.push({ leaf, variant, name, id: Number(attributes.id) });
      } catch (error) {
        outcomes.push({ field: leaf.path, variant, outcome: "refused", detail: error instanceof Error ? error.message : String(error) });
      }
    }
  }
  const deployed: Deployed = {
    stack: { resource: { databricks_job: resources } },
    state: { version: 4, serial: 1, lineage: "m", resources: state },
  };
  const clean = await check(lab, deployed, { deep: true, metadata: { resources: {} } });
  const dirty = new Map(
    clean.resources.filter(({ status }) => status !== "match" && status !== "unverifiable").map((resource) => [resource.address, resource]),
  );
  for (const one of cases) {
    const found = dirty.get(`databricks_job.${one.name}`);
    if (found !== undefined)
      outcomes.push({
        field: one.leaf.path,
        variant: one.variant,
        outcome: "dirty",
        detail: found.findings
          .map(({ path, status, desired, remote }) => `${status} ${path} ${JSON.stringify(desired)} ${JSON.stringify(remote)}`)
          .join("; "),
      });
  }
  const applied: Case[] = [];
  for (const one of cases) {
    if (dirty.has(`databricks_job.${one.name}`)) continue;
    const value = one.variant === "removed" ? undefined : jobValues(one.leaf, "b");
    const changed = wireJob(withDefaults(jobBlock(), jobWith(one.leaf, value, one.name)) as Record<string, Json>);
    if (one.leaf.path !== "name") changed.name = one.name;
    const before = JSON.stringify(await settings(lab, one.id));
    try {
      const version = changed.tasks === undefined ? "2.0" : "2.2";
      await lab.client.post(`/api/${version}/jobs/reset`, { job_id: one.id, new_settings: { queue: { enabled: false }, ...changed } });
    } catch (error) {
      outcomes.push({
        field: one.leaf.path,
        variant: one.variant,
        outcome: "refused",
        detail: error instanceof Error ? error.message : String(error),
      });
      continue;
    }
    if (JSON.stringify(await settings(lab, one.id)) === before)
      outcomes.push({ field: one.leaf.path, variant: one.variant, outcome: "unapplied" });
    else applied.push(one);
  }
  const report = await check(lab, deployed, { deep: true, unmanaged: "none", metadata: { resources: {} } });
  const byAddress = new Map(report.resources.map((resource) => [resource.address, resource]));
  for (const { leaf, variant, name } of applied) {
    const findings = (byAddress.get(`databricks_job.${name}`)?.findings ?? []).filter(({ status }) => status !== "unverifiable");
    const own = findings.filter(({ path, status }) => status === "drift" && tellsOf(path, leaf.path));
    const detail = findings.map(({ path, status }) => `${status} ${path}`).join("; ");
    const outcome = own.length === 0 ? "missed" : own.length < findings.length ? "extra" : "detected";
    outcomes.push({ field: leaf.path, variant, outcome, ...(outcome === "detected" ? {} : { detail }) });
  }
  return outcomes;
}

function jobBlock(): Block {
  const block = schemaOf("databricks_job")?.block;
  if (block === undefined) throw new Error("no schema of jobs");
  return block;
}

async function settings(lab: Lab, id: number): Promise<unknown> {
  const job = (await lab.client.get("/api/2.2/jobs/get", { query: { job_id: id } })) as Record<string, unknown>;
  return [job.settings, job.run_as_user_name];
}

async function createJob(lab: Lab, config: Attributes): Promise<Attributes> {
  const kind = findKind("databricks_job");
  const block = schemaOf("databricks_job")?.block;
  if (kind === undefined || block === undefined) throw new Error("no jobs");
  const planned = withDefaults(block, config);
  const { id } = await kind.create(lab.client, planned, { directory: "/nowhere" });
  const remote = await kind.read(lab.client, id, { known: planned, deep: false });
  if (remote === undefined) throw new Error("gone");
  return { ...(kind.toState?.(remote, planned, "write", true) ?? stateOf(block, planned, remote, true)), id };
}
