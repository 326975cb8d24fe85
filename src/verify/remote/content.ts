import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import type { Finding } from "../model";
import { contentDiff } from "./content-diff";
import { Unresolved, plain } from "../expressions/values";

type RemoteContent = Remote["content"];

/**
 * Compares the content of a notebook or file by hash, and shows a difference as a line diff.
 * @returns undefined if the contents are equal or the type has none
 * @throws LakeformError if the local file cannot be read
 */
export async function compareContent(
  expected: Expected,
  remote: RemoteContent,
): Promise<Finding | undefined> {
  const { reader, desired, target } = expected;
  if (reader?.desiredContent === undefined || desired === undefined) return undefined;
  const marker = [desired.source, desired.content_base64].find(
    (value) => value instanceof Unresolved,
  );
  if (marker instanceof Unresolved) return unverifiable(`${marker.reason}: ${marker.expression}`);
  const attributes = plain(desired);
  const localContent = await reader.desiredContent(attributes, target.directory);
  if (localContent === undefined) return undefined;
  if (remote === undefined) return unverifiable("the content was not read");
  if ("unread" in remote) return unverifiable(remote.unread);
  if (remote.sha256 === localContent.sha256) return undefined;
  const recordedContent = expected.record?.content[expected.address];
  const commonFields = {
    path: "content",
    field: "content",
    desired: describeContent(localContent),
    remote: describeContent(remote),
  };
  const driftDiff = (): Pick<Finding, "diff" | "diffNote"> => contentDiff(localContent, remote);
  const pendingDiff = (): Pick<Finding, "diff" | "diffNote"> => contentDiff(remote, localContent);
  if (recordedContent !== undefined) {
    const deployed = describeContent(recordedContent);
    if (recordedContent.sha256 === remote.sha256)
      return {
        ...commonFields,
        deployed,
        ...pendingDiff(),
        status: "pending",
        reason: "the code has changed and is not deployed yet",
      };
    if (recordedContent.sha256 === localContent.sha256)
      return {
        ...commonFields,
        deployed,
        ...driftDiff(),
        status: "drift",
        reason: "changed in the workspace",
      };
    return {
      ...commonFields,
      deployed,
      ...driftDiff(),
      status: "drift",
      both: true,
      reason: "changed in the workspace and in the code",
    };
  }
  // Without a record, Terraform's hash of the local bytes still shows whether the code has changed.
  if (expected.byName || (await md5Of(attributes, target.directory)) === expected.state?.md5) {
    return {
      ...commonFields,
      ...driftDiff(),
      status: "drift",
      reason: expected.byName ? "the workspace differs from the code" : "changed in the workspace",
    };
  }
  const reason =
    "the code has changed and is not deployed yet (without a deployment record, a change in the workspace cannot be detected)";
  return { ...commonFields, ...pendingDiff(), status: "pending", reason };
}

function unverifiable(reason: string): Finding {
  return { status: "unverifiable", path: "content", field: "content", reason };
}

function describeContent({
  sha256,
  size,
}: {
  readonly sha256: string;
  readonly size: number;
}): string {
  return `sha256:${sha256.slice(0, 12)}, ${size} bytes`;
}

async function md5Of(
  attributes: Readonly<Record<string, unknown>>,
  directory: string,
): Promise<string> {
  const hash = createHash("md5");
  const { content_base64: base64, source } = attributes;
  if (typeof base64 === "string" && base64 !== "") hash.update(Buffer.from(base64, "base64"));
  else if (typeof source === "string")
    for await (const chunk of createReadStream(path.resolve(directory, source)))
      hash.update(chunk as Buffer);
  return hash.digest("hex");
}
