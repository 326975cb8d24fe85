import fs from "node:fs";
import path from "node:path";
import { readSavedJson } from "../../exact-json";
import { textsOf } from "../../terraform/references";
import type { StackBlock } from "./blocks";
import { readModuleCommands } from "./module-commands";
import { list, object, sha256, text } from "./json";

/**
 * Returns a block with the hash of each file, other than cdk.tf.json, that Terraform uses: the
 * user's own files in the folder, the source of installed modules, and the files that expressions
 * and commands name. Also returns the provisioners in the modules.
 */
export function readOtherFiles(directory: string, dataFolder: string): StackBlock[] {
  const ownFiles = fs
    .readdirSync(directory)
    .filter(
      (name) =>
        name !== "cdk.tf.json" &&
        /(\.(tf|tofu)(\.json)?|^terraform\.tfvars(\.json)?|\.auto\.tfvars(\.json)?)$/.test(name),
    )
    .map((name) => fileBlock(`file.${name}`, sha256(fs.readFileSync(path.join(directory, name)))));
  const manifest = path.join(directory, dataFolder, "modules", "modules.json");
  const installed = list(readSavedJson<{ Modules: unknown }>(manifest)?.Modules);
  const modules = installed.flatMap((entry) => {
    const { Key, Dir } = object(entry);
    const [key, folder] = [text(Key) ?? "", text(Dir)];
    if (key === "" || folder === undefined) return [];
    const [name, moduleFolder] = [
      `module.${key.replaceAll(".", ".module.")}`,
      path.resolve(directory, folder),
    ];
    return [
      fileBlock(`files of ${name}`, folderHash(moduleFolder)),
      ...readModuleCommands(moduleFolder, `${name}.`),
    ];
  });
  return [...ownFiles, ...modules, ...findInputFiles(directory)];
}

/** Matches a call of a function that reads a file during plan or apply, in the stack's JSON. */
const fileFunctions = /\b(?:file\w*|templatefile)\(\s*\\"((?:[^"\\]|\\\\)+)\\"/g;

/**
 * Returns the files that the stack's expressions (`file("x")`) and commands (`sh setup.sh`, the
 * source of a file provisioner) name literally, each with its hash: an approval covers their
 * content. Absolute paths (`/bin/sh`) are skipped.
 */
function findInputFiles(directory: string): StackBlock[] {
  const file = path.join(directory, "cdk.tf.json");
  if (!fs.existsSync(file)) return [];
  const content = fs.readFileSync(file, "utf8");
  const names = [...content.matchAll(fileFunctions)].map((match) => match[1] ?? "");
  if (content.includes('"provisioner"') || content.includes('"external"')) {
    const root = object(JSON.parse(content) as unknown);
    const resources = Object.values(object(root.resource)).flatMap((resourcesByName) =>
      Object.values(object(resourcesByName)),
    );
    const commands = [
      ...resources.map((body) => object(body).provisioner),
      object(root.data).external,
    ];
    names.push(
      ...commands.flatMap(textsOf).flatMap((text) => [text, ...text.split(/[\s"'=;&|<>()]+/)]),
    );
  }
  // The digest must not depend on the machine, so absolute paths are skipped.
  const relativeNames = [...new Set(names)].filter(
    (name) =>
      name.length < 1000 && /[^./\\]/.test(name) && !path.isAbsolute(name) && !name.includes("\0"),
  );
  return relativeNames.flatMap((name) => {
    const absolutePath = path.resolve(directory, name.replaceAll(/\$\{path\.\w+\}/g, "."));
    const stat = fs.statSync(absolutePath, { throwIfNoEntry: false });
    if (stat === undefined || (!stat.isFile() && !stat.isDirectory())) return [];
    return [
      {
        ...fileBlock(
          `file ${name}`,
          stat.isDirectory() ? folderHash(absolutePath) : sha256(fs.readFileSync(absolutePath)),
        ),
        kind: "input",
      },
    ];
  });
}

const fileBlock = (name: string, hash: string): StackBlock => ({
  kind: "file",
  name,
  path: name,
  value: `sha256:${hash}`,
});

function folderHash(folder: string): string {
  if (!fs.existsSync(folder)) return "missing";
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/(^|[\\/])\.(git|terraform[\w-]*)[\\/]/.test(path.relative(folder, file)));
  const lines = files.map(
    (file) => `${path.relative(folder, file)} ${sha256(fs.readFileSync(file))}`,
  );
  return sha256(lines.sort().join("\n"));
}
