import { traitsOf } from "../resources";
import type { ReadClient } from "../api/client";
import { isForbidden, isInvalid, isNotFound } from "../api/transport/errors";
import type { Artifact } from "../review";
import { object, sha256, text } from "../review/plan/json";
import type { PlanFacts } from "../review/plan/plan";

/** The maximum number of diffs, because reading more content would make the review slow. */
const maxTexts = 50;
/** The maximum size of a content that is read, in bytes. */
const maxBytes = 2_000_000;
const concurrentReads = 8;

/**
 * Adds the deployed text of notebooks and workspace files that the plan changes, so that the review
 * can show a diff instead of two hashes. Adds none if the text cannot be read: it is missing, too
 * large to export, or there is no permission.
 */
export async function withPreviousContent(
  api: ReadClient,
  plan: Pick<PlanFacts, "changes">,
  artifacts: ReadonlyMap<string, Artifact>,
): Promise<Map<string, Artifact>> {
  const withDiffs = new Map(artifacts);
  const artifactsToRead = changedArtifacts(plan, artifacts);
  const readNext = async (): Promise<void> => {
    for (let next = artifactsToRead.shift(); next !== undefined; next = artifactsToRead.shift()) {
      const { artifact, address, path, format } = next;
      const bytes = await exportContent(api, path, format);
      if (bytes === undefined) continue;
      const [previousSha256, text] = [sha256(bytes), bytes.toString("utf8")];
      const isText = !text.includes("\uFFFD") && artifact.text !== undefined;
      // Store identical texts only once.
      const previous = previousSha256 === artifact.sha256 ? artifact.text : text;
      withDiffs.set(address, {
        ...artifact,
        previousSha256,
        ...(isText && previous !== undefined && { previous }),
      });
    }
  };
  await Promise.all(Array.from({ length: concurrentReads }, readNext));
  return withDiffs;
}

interface ChangedArtifact {
  readonly address: string;
  /** The current path in the workspace. */
  readonly path: string;
  readonly format: "SOURCE" | "AUTO";
  readonly artifact: Artifact;
}

/**
 * Returns the artifacts that the plan changes, without keeping the plan, which can be very large.
 */
function changedArtifacts(
  plan: Pick<PlanFacts, "changes">,
  artifacts: ReadonlyMap<string, Artifact>,
): ChangedArtifact[] {
  const changedArtifacts: ChangedArtifact[] = [];
  if (artifacts.size === 0) return changedArtifacts;
  let diffs = 0;
  for (const { address, type, actions, before, importing } of plan.changes) {
    const format = traitsOf(type).content?.exported;
    if (format === undefined || !actions.includes("update")) continue;
    const [artifact, path] = [artifacts.get(address), text(object(before).path)];
    if (artifact === undefined || path === undefined) continue;
    // Read the content of all imports, to determine whether they change it.
    if (!importing && (artifact.text === undefined || ++diffs > maxTexts)) continue;
    changedArtifacts.push({ address, path, format, artifact });
  }
  return changedArtifacts;
}

async function exportContent(
  api: ReadClient,
  path: string,
  format: "SOURCE" | "AUTO",
): Promise<Buffer | undefined> {
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of await api.download("/api/2.0/workspace/export", {
      query: { path, format, direct_download: true },
    })) {
      chunks.push(chunk as Buffer);
      if ((size += (chunk as Buffer).length) > maxBytes) return undefined;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (isNotFound(error) || isForbidden(error) || isInvalid(error)) return undefined;
    throw error;
  }
}
