/**
 * Reads the commands of provisioners from the source of modules, because a plan contains only the
 * references of a command that has an expression.
 */
import fs from "node:fs";
import path from "node:path";
import type { StackBlock } from "./blocks";
import { canonical, isList, isObject, object, type JsonObject } from "./json";

interface HclBlock {
  readonly kind: string;
  readonly labels: readonly string[];
  readonly body: string;
}

/**
 * Returns the provisioners in a module's folder.
 * @param prefix the module's address with a dot at the end: `module.a.module.b.`
 */
export function readModuleCommands(folder: string, prefix: string): StackBlock[] {
  if (!fs.existsSync(folder)) return [];
  const files = fs
    .readdirSync(folder)
    .filter((name) => /\.(tf|tofu)(\.json)?$/.test(name))
    .sort();
  return files.flatMap((file) => {
    if (file.endsWith(".json"))
      return commandsInJson(fs.readFileSync(path.join(folder, file), "utf8"), prefix);
    const resources = blocksIn(fs.readFileSync(path.join(folder, file), "utf8")).filter(
      ({ kind }) => kind === "resource",
    );
    return resources.flatMap(({ labels, body }) => {
      const address = `${prefix}${labels.join(".")}`;
      const commands = blocksIn(body).filter(({ kind }) => kind === "provisioner");
      return commands.map(({ labels: [type = ""], body: text }, index): StackBlock => {
        const name = `text of ${address}.provisioner[${index}]`;
        const when = /^\s*when\s*=\s*"?destroy\b/m.test(text) ? { when: "destroy" } : {};
        return {
          kind: "provisioner",
          name,
          path: name,
          address,
          value: { type, text: text.trim(), ...when },
        };
      });
    });
  });
}

/**
 * Like {@link readModuleCommands}, for Terraform's JSON, where a block is an object or a list of
 * objects.
 */
function commandsInJson(source: string, prefix: string): StackBlock[] {
  const entriesOf = (value: unknown): (readonly [string, unknown])[] =>
    blocksOf(value).flatMap((block) => Object.entries(block));
  return entriesOf(object(JSON.parse(source)).resource).flatMap(([type, resources]) =>
    entriesOf(resources).flatMap(([resource, bodies]) => {
      const address = `${prefix}${type}.${resource}`;
      const commands = blocksOf(bodies)
        .flatMap(({ provisioner }) => entriesOf(provisioner))
        .flatMap(([kind, body]) => blocksOf(body).map((value) => [kind, value] as const));
      return commands.map(([kind, body], index): StackBlock => {
        const name = `text of ${address}.provisioner[${index}]`;
        const when =
          body.when === "destroy" || body.when === "${destroy}" ? { when: "destroy" } : {};
        return {
          kind: "provisioner",
          name,
          path: name,
          address,
          value: { type: kind, text: canonical(body), ...when },
        };
      });
    }),
  );
}

const blocksOf = (value: unknown): readonly JsonObject[] =>
  isList(value) ? value.filter(isObject) : isObject(value) ? [value] : [];

/** Returns the outermost blocks in HCL source; nested blocks are in their bodies. */
function blocksIn(text: string): HclBlock[] {
  const header = /([a-z_]\w*)((?:\s+"[^"\n]*")*)\s*\{/giy;
  const blocks: HclBlock[] = [];
  for (let index = 0; index < text.length;) {
    header.lastIndex = index;
    const match = /\w/.test(text[index - 1] ?? "") ? null : header.exec(text);
    if (match === null) {
      index = skipToken(text, index);
      continue;
    }
    const start = header.lastIndex;
    index = skipBraces(text, start);
    const labels = [...(match[2] ?? "").matchAll(/"([^"]*)"/g)].map(([, label = ""]) => label);
    blocks.push({ kind: match[1] ?? "", labels, body: text.slice(start, index - 1) });
  }
  return blocks;
}

/** Returns the position after the token at `index`. A string, comment or heredoc is one token. */
function skipToken(text: string, index: number): number {
  const nextCharacters = text.slice(index, index + 2);
  const endAfter = (end: string, from: number): number => {
    const position = text.indexOf(end, from);
    return position < 0 ? text.length : position + end.length;
  };
  if (nextCharacters.startsWith('"')) return skipString(text, index + 1);
  if (nextCharacters.startsWith("#") || nextCharacters === "//") return endAfter("\n", index);
  if (nextCharacters === "/*") return endAfter("*/", index + 2);
  if (nextCharacters.startsWith("{")) return skipBraces(text, index + 1);
  const document = nextCharacters === "<<" ? /<<-?\s*(\w+)\r?\n/y : undefined;
  if (document === undefined) return index + 1;
  document.lastIndex = index;
  const terminator = document.exec(text)?.[1];
  if (terminator === undefined) return index + 1;
  const end = new RegExp(`^[ \\t]*${terminator}[ \\t]*\\r?$`, "gm");
  end.lastIndex = document.lastIndex;
  return end.exec(text) === null ? text.length : end.lastIndex;
}

/** Returns the position after the closing quote of a string. */
function skipString(text: string, start: number): number {
  for (let index = start; index < text.length;) {
    const pair = text.slice(index, index + 2);
    if (pair.startsWith("\\") || pair === "$$" || pair === "%%") index += 2;
    else if (pair.startsWith('"')) return index + 1;
    else index = pair === "${" || pair === "%{" ? skipBraces(text, index + 2) : index + 1;
  }
  return text.length;
}

/** Returns the position after the closing brace of a body. */
function skipBraces(text: string, start: number): number {
  for (let index = start; index < text.length; index = skipToken(text, index))
    if (text[index] === "}") return index + 1;
  return text.length;
}
