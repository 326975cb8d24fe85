import { LakeformError } from "../errors";
import { findKind } from "../resources";
import { asTerraformShape } from "../resources/block-shape";
import { desiredOf } from "../verify/verify";
import type { Finding, ResourceResult, VerifyReport } from "../verify/model";
import type { DeployEvents, DeployTarget } from "./target";

/** One object that healing writes, and what that changes: shown before anything is done. */
export interface Healing {
  readonly stack: string;
  readonly address: string;
  readonly path: string;
  readonly title: string;
  readonly id: string;
  readonly fields: readonly Pick<Finding, "path" | "desired" | "remote" | "sensitive">[];
}

/** What a report finds that healing can put right: drift in objects that can be written again without replacing them. */
export function healable(report: VerifyReport): Healing[] {
  return report.resources.flatMap((resource) => toHealing(resource));
}

function toHealing(resource: ResourceResult): Healing[] {
  if (!resource.restorable || resource.id === undefined) return [];
  const fields = resource.findings.filter((finding) => finding.status === "drift");
  if (fields.length === 0) return [];
  const { stack, address, path, title, id } = resource;
  return [{ stack, address, path, title, id, fields }];
}

/**
 * Writes the desired content back over REST, object by object. Never replaces one, so a job keeps its id and its history.
 * @throws LakeformError HEALING_FAILED after all were tried, naming those that could not be healed
 */
export async function heal(target: DeployTarget, report: VerifyReport, events: DeployEvents): Promise<Healing[]> {
  const healed: Healing[] = [];
  const failures: string[] = [];
  for (const healing of healable(report).filter(({ stack }) => stack === target.stack.name)) {
    const type = healing.address.slice(0, healing.address.indexOf("."));
    const kind = findKind(type);
    const desired = desiredOf(report, healing.stack, healing.address);
    if (kind?.restore === undefined || desired === undefined) {
      failures.push(`${healing.path}: nothing is known of how to restore it`);
      continue;
    }
    try {
      await kind.restore(target.client, healing.id, asTerraformShape(type, desired), { directory: target.stack.directory });
      healed.push(healing);
      events.note(`  healed ${healing.path} (${healing.fields.map(({ path }) => path).join(", ")})`);
    } catch (error) {
      if (!(error instanceof LakeformError)) throw error;
      failures.push(`${healing.path}: ${error.message}`);
    }
  }
  if (failures.length > 0) {
    throw new LakeformError("HEALING_FAILED", `could not put everything back\n\n  ${failures.join("\n  ")}\n`, {
      fix: "what else was healed stays healed; run it again, or lakeform verify to see what is left",
    });
  }
  return healed;
}
