import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import type { Remote } from "../../resources/kind";
import type { Expected } from "../desired/expected";
import type { Finding } from "../model";
import { contentDiff } from "./content-diff";
import { Unresolved, plain } from "../expressions/values";

type Bytes = Remote["content"];

/**
 * The bytes of a notebook or file: compared by hash, shown as a line diff.
 * @throws LakeformError if the local file cannot be read
 */
export async function compareContent(
  expected: Expected,
  remote: Bytes,
): Promise<Finding | undefined> {
  const { reader, desired, target } = expected;
  if (reader?.desiredContent === undefined || desired === undefined) return undefined;
  const marker = [desired.source, desired.content_base64].find(
    (value) => value instanceof Unresolved,
  );
  if (marker instanceof Unresolved) return unverifiable(`${marker.reason}: ${marker.expression}`);
  const attributes = plain(desired);
  const wanted = await reader.desiredContent(attributes, target.directory);
  if (wanted === undefined) return undefined;
  if (remote === undefined) return unverifiable("the content was not read");
  if ("unread" in remote) return unverifiable(remote.unread);
  if (remote.sha256 === wanted.sha256) return undefined;
  const recorded = expected.record?.content[expected.address];
  const shown = {
    path: "content",
    field: "content",
    desired: bytes(wanted),
    remote: bytes(remote),
  };
  const changed = (): Pick<Finding, "diff" | "diffNote"> => contentDiff(wanted, remote);
  const pendingDiff = (): Pick<Finding, "diff" | "diffNote"> => contentDiff(remote, wanted);
  if (recorded !== undefined) {
    const deployed = bytes(recorded);
    if (recorded.sha256 === remote.sha256)
      return {
        ...shown,
        deployed,
        ...pendingDiff(),
        status: "pending",
        reason: "the code has changed, not deployed yet",
      };
    if (recorded.sha256 === wanted.sha256)
      return {
        ...shown,
        deployed,
        ...changed(),
        status: "drift",
        reason: "changed in the workspace",
      };
    return {
      ...shown,
      deployed,
      ...changed(),
      status: "drift",
      both: true,
      reason: "changed in the workspace and in the code",
    };
  }
  // Without a record, Terraform's hash of the local bytes still shows whether the code has changed.
  if (expected.byName || (await md5Of(attributes, target.directory)) === expected.state?.md5) {
    return {
      ...shown,
      ...changed(),
      status: "drift",
      reason: expected.byName ? "the workspace differs from the code" : "changed in the workspace",
    };
  }
  const reason =
    "the code has changed, not deployed yet (without a deployment record, a change in the workspace cannot be detected)";
  return { ...shown, ...pendingDiff(), status: "pending", reason };
}

function unverifiable(reason: string): Finding {
  return { status: "unverifiable", path: "content", field: "content", reason };
}

function bytes({ sha256, size }: { readonly sha256: string; readonly size: number }): string {
  return `sha256:${sha256.slice(0, 12)}, ${size} bytes`;
}

async function md5Of(
  attributes: Readonly<Record<string, unknown>>,
  directory: string,
): Promise<string> {
  const hash = createHash("md5");
  const { content_base64: inline, source } = attributes;
  if (typeof inline === "string" && inline !== "") hash.update(Buffer.from(inline, "base64"));
  else if (typeof source === "string")
    for await (const chunk of createReadStream(path.resolve(directory, source)))
      hash.update(chunk as Buffer);
  return hash.digest("hex");
}
