import type { ReadClient } from "../api/client";
import { isForbidden, isInvalid, isNotFound } from "../api/errors";
import type { Artifact } from "../review";
import type { PlanJson } from "../terraform/plan";

/** More would make the review slow and its diffs unreadable. */
const most = 50;
const longest = 2_000_000;
const types = new Set(["databricks_notebook", "databricks_workspace_file"]);

/**
 * The text that is deployed now, for notebooks and workspace files that the plan changes: the review shows a diff instead of two hashes. What cannot be
 * read (not there, no permission, too big to export) has no diff.
 */
export async function withPreviousContent(
  api: ReadClient,
  plan: PlanJson,
  artifacts: ReadonlyMap<string, Artifact>,
): Promise<Map<string, Artifact>> {
  const out = new Map(artifacts);
  const changing = (plan.resource_changes ?? []).filter(({ type, change }) => types.has(type) && change.actions.includes("update"));
  for (const { address, change } of changing.slice(0, most)) {
    const artifact = artifacts.get(address);
    const path = change.before?.path;
    if (artifact?.text === undefined || typeof path !== "string") continue;
    const previous = await read(api, path);
    if (previous !== undefined) out.set(address, { ...artifact, previous });
  }
  return out;
}

async function read(api: ReadClient, path: string): Promise<string | undefined> {
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of await api.download("/api/2.0/workspace/export", {
      query: { path, format: "SOURCE", direct_download: true },
    })) {
      chunks.push(chunk as Buffer);
      if ((size += (chunk as Buffer).length) > longest) return undefined;
    }
    const text = Buffer.concat(chunks).toString("utf8");
    return text.includes("\uFFFD") ? undefined : text;
  } catch (error) {
    if (isNotFound(error) || isForbidden(error) || isInvalid(error)) return undefined;
    throw error;
  }
}
