/** Edits the imports, package.json and commands of a project for another toolkit. */
import type ts from "typescript";
import { bindingsOf, otherToolkit, toolkitVersions, type Toolkit } from "../../terraform/toolkit";
import { applyEdits, nodesOf, parse, type Compiler, type Edit } from "./compiler";

/** Returns the counterpart of a package of the other toolkit; undefined for all other packages. */
export function packageFor(name: string, to: Toolkit): string | undefined {
  const from = otherToolkit(to);
  const [scope = "", ...rest] = name.split("/");
  if (scope === from || scope === `${from}-cli`)
    return [scope.replace(from, to), ...rest].join("/");
  return scope === `@${from}` ? [`@${to}`, ...rest].join("/") : undefined;
}

/**
 * Replaces the imports of the other toolkit in a source file; undefined if it has none. Does not
 * change other strings, which can be names in the workspace.
 */
export function sourceFor(
  compiler: Compiler,
  file: string,
  content: string,
  to: Toolkit,
): string | undefined {
  const edits: Edit[] = [];
  for (const node of nodesOf(compiler, parse(compiler, file, content))) {
    const literal = moduleNameIn(compiler, node);
    const name = literal === undefined ? undefined : packageFor(literal.text, to);
    if (literal !== undefined && name !== undefined)
      edits.push({ start: literal.getStart() + 1, end: literal.getEnd() - 1, text: name });
  }
  return edits.length === 0 ? undefined : applyEdits(content, edits);
}

function moduleNameIn(compiler: Compiler, node: ts.Node): ts.StringLiteralLike | undefined {
  const moduleNode = (): ts.Node | undefined => {
    if (compiler.isImportDeclaration(node) || compiler.isExportDeclaration(node))
      return node.moduleSpecifier;
    if (compiler.isExternalModuleReference(node)) return node.expression;
    if (compiler.isModuleDeclaration(node)) return node.name;
    if (compiler.isImportTypeNode(node) && compiler.isLiteralTypeNode(node.argument))
      return node.argument.literal;
    if (!compiler.isCallExpression(node)) return undefined;
    const isLoad =
      node.expression.kind === compiler.SyntaxKind.ImportKeyword ||
      /^(require(\.resolve)?|(jest|vi)\.\w+)$/.test(node.expression.getText());
    return isLoad ? node.arguments[0] : undefined;
  };
  const nameNode = moduleNode();
  return nameNode !== undefined && compiler.isStringLiteralLike(nameNode) ? nameNode : undefined;
}

/**
 * Replaces commands such as `cdktf synth` and `npx cdktf-cli deploy`. Does not replace cdktf.json
 * and cdktf.out, which cdktn also uses.
 */
export function commandFor(command: string, to: Toolkit): string {
  const from = otherToolkit(to);
  return command.replaceAll(
    new RegExp(`(?<![\\w./@-])${from}(?=(-cli)?(@[\\w.^~-]+)?(\\s|$))`, "g"),
    to,
  );
}

const sections = [
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "optionalDependencies",
] as const;

/** Replaces packages and commands in package.json with those of `to`. */
export function manifestFor(content: string, to: Toolkit): string {
  const manifest = JSON.parse(content) as Record<string, Record<string, string> | undefined>;
  for (const section of sections) {
    const packages = manifest[section];
    if (packages !== undefined)
      manifest[section] = Object.fromEntries(
        Object.entries(packages)
          .map((entry) => dependencyFor(entry, to))
          .sort(byName),
      );
  }
  const { scripts } = manifest;
  if (scripts !== undefined)
    manifest["scripts"] = Object.fromEntries(
      Object.entries(scripts).map(([name, script]) => [name, commandFor(script, to)]),
    );
  const indent = /^\{\n(\s+)"/.exec(content)?.[1] ?? "  ";
  return `${JSON.stringify(manifest, null, indent)}${content.endsWith("\n") ? "\n" : ""}`;
}

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : 1;

function dependencyFor(
  [name, range]: readonly [string, string],
  to: Toolkit,
): readonly [string, string] {
  const newName = packageFor(name, to);
  const versions = toolkitVersions[to];
  // Both toolkits support constructs 10.6; the bindings of cdktn need at least that version.
  if (name === "constructs")
    return [name, isOld(range) ? (versions["constructs"] ?? range) : range];
  if (newName === undefined) return [name, range];
  if (newName === `${to}-cli`) return [newName, versions[to] ?? "latest"];
  return [newName, versions[newName] ?? "latest"];
}

const isOld = (range: string): boolean => Number(/^\D*10\.(\d+)/.exec(range)?.[1] ?? 0) < 6;

/** Returns the packages whose new version is unknown: bindings of other providers. */
export function unpinned(manifest: string, to: Toolkit): string[] {
  const packages = JSON.parse(manifest) as Record<string, Record<string, string> | undefined>;
  return sections
    .flatMap((section) => Object.entries(packages[section] ?? {}))
    .flatMap(([name, range]) =>
      range === "latest" && name.startsWith(`@${to}/`) && name !== bindingsOf(to) ? [name] : [],
    );
}
