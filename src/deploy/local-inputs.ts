/** What a verification reads on this machine, apart from the code and Terraform's variables. */
import fs from "node:fs";
import path from "node:path";
import { findKind } from "../resources";
import type { SynthesizedStack } from "../terraform/stack";
import { localStateBytes } from "../terraform/state";
import { unlessMissing } from "../terraform/state-file";
import { digestOf } from "../verify/remote/answers";
import type { DeployTarget } from "./target";

/**
 * Returns a digest of the states and of the files that become content.
 * @returns undefined for a state that is missing, encrypted or in another backend, and for files
 * that cannot be determined without evaluating the code
 */
export async function localInputs(targets: readonly DeployTarget[]): Promise<string | undefined> {
  const digests: string[] = [];
  for (const { stack, terraform } of targets) {
    const files = contentFiles(stack);
    const state = await localStateBytes(terraform, stack);
    const inputs = [state, ...(files ?? [undefined]).map((file) => file && bytesOf(file))];
    for (const bytes of inputs) {
      if (bytes === undefined) return undefined;
      digests.push(digestOf(bytes));
    }
  }
  return digestOf(digests.join());
}

const bytesOf = (file: string): Buffer | undefined => unlessMissing(() => fs.readFileSync(file));

/**
 * Returns the files that become the content of objects; undefined if an expression decides which
 * files are read.
 */
export function contentFiles({ json, directory }: SynthesizedStack): readonly string[] | undefined {
  if (callsFileFunction(json)) return undefined;
  const files = Object.entries(json.resource ?? {}).flatMap(([type, resources]) =>
    findKind(type)?.desiredContent === undefined
      ? []
      : Object.values(resources).flatMap(({ source, file_path: file }) => [source, file]),
  );
  const paths: string[] = [];
  for (const file of files) {
    if (file === undefined || file === null) continue;
    if (typeof file !== "string" || file.includes("${")) return undefined;
    paths.push(path.resolve(directory, file));
  }
  return paths;
}

/** Matches a function of Terraform that reads files. */
const readsFile = /\b(?:\w*file|filemd5|filesha\d+|filebase64\w*|fileset|fileexists)\s*\(/;

function callsFileFunction(value: unknown): boolean {
  if (typeof value === "string")
    return (value.includes("${") || value.includes("%{")) && readsFile.test(value);
  if (Array.isArray(value)) return value.some(callsFileFunction);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(callsFileFunction);
}
