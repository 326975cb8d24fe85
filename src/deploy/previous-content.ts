import type { ReadClient } from "../api/client";
import { isForbidden, isInvalid, isNotFound } from "../api/transport/errors";
import type { Artifact } from "../review";
import { object, text } from "../review/plan/json";
import type { PlanFacts } from "../review/plan/plan";

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
  plan: Pick<PlanFacts, "changes">,
  artifacts: ReadonlyMap<string, Artifact>,
): Promise<Map<string, Artifact>> {
  const out = new Map(artifacts);
  for (const { artifact, address, path } of changing(plan, artifacts)) {
    const previous = await read(api, path);
    if (previous !== undefined) out.set(address, { ...artifact, previous });
  }
  return out;
}

interface Changing {
  readonly address: string;
  /** Where the text is in the workspace now. */
  readonly path: string;
  readonly artifact: Artifact;
}

/** Keeps nothing else of the plan, and reads it only when there is something to find: it can be a very big file. */
function changing(plan: Pick<PlanFacts, "changes">, artifacts: ReadonlyMap<string, Artifact>): Changing[] {
  const found: Changing[] = [];
  if (![...artifacts.values()].some((artifact) => artifact.text !== undefined)) return found;
  for (const { address, type, actions, before } of plan.changes) {
    if (!types.has(type) || !actions.includes("update")) continue;
    const [artifact, path] = [artifacts.get(address), text(object(before).path)];
    if (artifact?.text === undefined || path === undefined) continue;
    found.push({ address, path, artifact });
    if (found.length === most) break;
  }
  return found;
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
