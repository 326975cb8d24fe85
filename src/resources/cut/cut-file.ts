/** Stores a cut of the schema in a file, with its origin and a checksum. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { Uses, type SchemaCut } from "./schema-cut";

/** The configuration in a folder whose files all use Terraform's JSON syntax. */
export interface FolderConfiguration {
  /** Hash of the names and contents of the files. */
  readonly hash: string;
  readonly files: readonly unknown[];
}

const sha256 = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(String(part.length)).update(":").update(part);
  return hash.digest("hex");
};

/** @returns undefined for a folder with HCL, or with invalid JSON, which Terraform reports */
export function readConfiguration(directory: string): FolderConfiguration | undefined {
  const files = configurationFiles(directory);
  if (files === undefined) return undefined;
  try {
    return {
      hash: hashOf(files),
      files: files.map(([, bytes]) => JSON.parse(bytes.toString("utf8")) as unknown),
    };
  } catch {
    return undefined;
  }
}

function configurationFiles(
  directory: string,
): (readonly [name: string, bytes: Buffer])[] | undefined {
  const names = fs.readdirSync(directory).filter((name) => !name.startsWith("."));
  if (names.some((name) => /\.(tf|tofu)$/.test(name))) return undefined;
  return names
    .filter((name) => /\.(tf|tofu)\.json$/.test(name))
    .sort()
    .map((name) => [name, fs.readFileSync(path.join(directory, name))] as const);
}

const hashOf = (files: readonly (readonly [string, Buffer])[]): string => sha256(...files.flat());

/** Collects the fields that a folder's files use; undefined if a cut is not possible. */
export function usesOf(configuration: FolderConfiguration | undefined): Uses | undefined {
  const uses = new Uses();
  return configuration?.files.every((json) => uses.addConfiguration(json)) === true
    ? uses
    : undefined;
}

interface CutFile {
  readonly format: 1;
  /** Hash of the folder's path. */
  readonly folder: string;
  /** Hash of the configuration. */
  readonly configuration: string;
  readonly cut: SchemaCut;
}

export interface NamedCut {
  readonly cut: SchemaCut;
  /** Hash of the file's content, which plans record. */
  readonly name: string;
}

/**
 * Returns the content of a cut's file.
 * @param configuration hash of the configuration
 */
export function cutFile(directory: string, configuration: string, cut: SchemaCut): string {
  const content: CutFile = {
    format: 1,
    folder: sha256(path.resolve(directory)),
    configuration,
    cut,
  };
  const text = JSON.stringify(content);
  return `${sha256(text)}\n${text}\n`;
}

/**
 * @param planned the name of the cut that a saved plan was made with. It may differ from the
 * configuration files, because Terraform applies the configuration in the plan
 * @returns the cut, or why it cannot be used
 */
export function readCutFile(
  file: string,
  directory: string,
  planned?: string,
): NamedCut | { readonly unusable: string } {
  if (!fs.existsSync(file)) return { unusable: "the file is missing" };
  const [name = "", text = ""] = fs.readFileSync(file, "utf8").split("\n");
  if (sha256(text) !== name) return { unusable: "the file is damaged" };
  const { format, folder, configuration, cut } = JSON.parse(text) as CutFile;
  if ((format as number) !== 1) return { unusable: "the file is from another version of lakeform" };
  if (folder !== sha256(path.resolve(directory)))
    return { unusable: "the file belongs to another stack" };
  if (planned !== undefined)
    return planned === name
      ? { cut, name }
      : { unusable: "the plan was created with a different cut" };
  const files = configurationFiles(directory);
  if (files === undefined || configuration !== hashOf(files))
    return { unusable: "the file is older than the configuration" };
  return { cut, name };
}

/** Returns the name of a cut, from the content of its file. */
export const cutName = (content: string): string => content.slice(0, content.indexOf("\n"));
