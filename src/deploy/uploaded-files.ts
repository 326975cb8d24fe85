import fs from "node:fs";
import path from "node:path";
import { findKind } from "../resources";
import { findProject } from "../terraform/project";
import type { SynthesizedStack } from "../terraform/stack";

/**
 * The files that a stack uploads: those outside the project's folder, and those that Terraform
 * reads itself.
 */
export function uploadedFiles({ json, metadata, directory }: SynthesizedStack): string[] {
  const { filesOutside = [] } = metadata;
  const root = filesOutside.length === 0 ? directory : findProject(directory).root;
  const sources = Object.entries(json.resource ?? {}).flatMap(([type, resourcesByName]) =>
    findKind(type)?.desiredContent === undefined
      ? []
      : Object.values(resourcesByName).flatMap(({ source, file_path: file }) => [source, file]),
  );
  return [
    ...filesOutside.map((file) => path.resolve(fs.realpathSync(root), file)),
    ...sources.flatMap((source) =>
      typeof source === "string" && !source.includes("${") ? [path.resolve(directory, source)] : [],
    ),
  ];
}
