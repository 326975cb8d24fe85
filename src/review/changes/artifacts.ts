import fs from "node:fs";
import path from "node:path";
import { traitsOf } from "../../resources";
import { sha256, text } from "../plan/json";
import type { Artifact } from "../secrets/scan";
import { readStack } from "../plan/stack";

/** Larger files are compared by their hash only. */
const maxTextBytes = 2_000_000;

/**
 * Reads the content that a stack uploads, by address: for diffs, for policies that inspect
 * notebooks and for the secret scan. Omits content that is only known to Terraform (`${…}`), and
 * missing files, because Terraform reports them better.
 * @param directory the folder of cdk.tf.json, against which `source` is resolved
 */
export function readArtifacts(stack: unknown, directory: string): Map<string, Artifact> {
  const artifacts = new Map<string, Artifact>();
  for (const resource of readStack(stack).resources.values()) {
    if (traitsOf(resource.type).content === undefined) continue;
    const source = text(resource.config.source);
    const inline = text(resource.config.content_base64);
    const bytes =
      inline !== undefined && !inline.includes("${")
        ? Buffer.from(inline, "base64")
        : source === undefined || source.includes("${")
          ? undefined
          : readFile(path.resolve(directory, source));
    if (bytes === undefined) continue;
    const utf8 = bytes.length <= maxTextBytes ? bytes.toString("utf8") : undefined;
    artifacts.set(resource.address, {
      sha256: sha256(bytes),
      size: bytes.length,
      file:
        source === undefined
          ? (text(resource.config.path) ?? resource.address)
          : path.basename(source),
      ...(utf8 === undefined || utf8.includes("\uFFFD") || utf8.includes("\0")
        ? {}
        : { text: utf8 }),
    });
  }
  return artifacts;
}

function readFile(file: string): Buffer | undefined {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? fs.readFileSync(file) : undefined;
}
