import fs from "node:fs";
import path from "node:path";
import { readSavedJson } from "../../exact-json";
import { textsOf } from "../../terraform/references";
import type { StackBlock } from "./blocks";
import { commandsInModule } from "./module-commands";
import { list, object, sha256, text } from "./json";

/**
 * Reads the other files that Terraform uses in its folder: the user's own files and the source of
 * installed modules.
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
      fileBlock(`files of ${name}`, hashOf(moduleFolder)),
      ...commandsInModule(moduleFolder, `${name}.`),
    ];
  });
  return [...ownFiles, ...modules, ...inputsOf(directory)];
}

/** Functions that read a file during plan or apply. */
const fileFunctions = /\b(?:file\w*|templatefile)\(\s*\\"((?:[^"\\]|\\\\)+)\\"/g;

/**
 * Returns the files that the stack's expressions (`file("x")`) and commands (`sh setup.sh`, the
 * source of a file provisioner) name literally. An approval covers their content.
 */
function inputsOf(directory: string): StackBlock[] {
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
  // Skip absolute paths (/bin/sh): the digest must not depend on the machine.
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
          stat.isDirectory() ? hashOf(absolutePath) : sha256(fs.readFileSync(absolutePath)),
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

function hashOf(folder: string): string {
  if (!fs.existsSync(folder)) return "missing";
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/(^|[\\/])\.(git|terraform[\w-]*)[\\/]/.test(path.relative(folder, file)));
  return sha256(files.map((file) => `${path.relative(folder, file)} ${sha256(fs.readFileSync(file))}`).sort().join("\n")); // prettier-ignore
}
