/** Generates the file with the class of the adopted stack. An existing file is only extended. */
import type ts from "typescript";
import { LakeformError } from "../../errors";
import type { Member } from "../model";
import { applyEdits, nodesOf, parse, type Compiler, type Edit } from "./compiler";

export interface StackFile {
  readonly className: string;
  /** The stack's name without the environment. */
  readonly name: string;
  readonly project: string;
  readonly environment: string;
  readonly library: string;
  /**
   * Environment settings that would change adopted objects, each with its neutral value:
   * `namePrefix: ""`.
   */
  readonly neutral: readonly string[];
}

export function newStackFile(stack: StackFile, members: readonly Member[]): string {
  const { className, name, project, environment, library, neutral } = stack;
  const profile =
    neutral.length === 0 ? "environment" : `environment: { ...environment, ${neutral.join(", ")} }`;
  return `import { WorkspaceStack, type Construct, type EnvironmentProfile } from ${JSON.stringify(library)};
${members.map(importOf).join("")}
/** Adopted from the workspace of ${environment} by \`lakeform adopt\`. */
export class ${className} extends WorkspaceStack {
${members.map(memberOf).join("")}
  constructor(scope: Construct, environment: EnvironmentProfile) {
    // The stamp is a tag, which would change each adopted object. To add it, delete
    // \`stamp: false\` after the import.
${neutral.length === 0 ? "" : "    // The environment's settings for names, tags and schedules would also change them.\n"}    super(scope, ${JSON.stringify(name)}, { project: ${JSON.stringify(project)}, ${profile}, stamp: false });
  }
}
`;
}

const importOf = ({ name, module }: Member): string =>
  `import { ${name} } from ${JSON.stringify(module)};\n`;
const memberOf = ({ name, parameters }: Member): string =>
  `  readonly ${name} = ${name}(${["this", ...parameters.map((parameter) => `this.${parameter}`)].join(", ")});\n`;

/** Returns the names of the class's members. */
export function membersOf(compiler: Compiler, file: string, className: string): readonly string[] {
  return (classIn(compiler, parse(compiler, file), className)?.members ?? []).flatMap((member) =>
    member.name !== undefined && compiler.isIdentifier(member.name) ? [member.name.text] : [],
  );
}

/**
 * Adds members to the class and changes nothing else.
 * @throws LakeformError BAD_STACK_FILE if the class is missing
 */
export function withMembers(
  compiler: Compiler,
  file: string,
  className: string,
  members: readonly Member[],
): string {
  const source = parse(compiler, file);
  const stackDeclaration = classIn(compiler, source, className);
  if (stackDeclaration === undefined) {
    throw new LakeformError(
      "BAD_STACK_FILE",
      "the file of the adopted stack does not contain its class",
      {
        value: `${file}: ${className}`,
        fix: "restore the class, or use another stack: --stack NAME",
      },
    );
  }
  const imports = source.statements.filter((statement) => compiler.isImportDeclaration(statement));
  const lastImport = imports.at(-1)?.getEnd() ?? 0;
  const lastField = stackDeclaration.members
    .filter((member) => compiler.isPropertyDeclaration(member))
    .at(-1)
    ?.getEnd();
  const brace = stackDeclaration.members.pos;
  const edits: Edit[] = [
    { start: lastImport, end: lastImport, text: `\n${members.map(importOf).join("").trimEnd()}` },
    lastField === undefined
      ? { start: brace, end: brace, text: `\n${members.map(memberOf).join("").trimEnd()}` }
      : { start: lastField, end: lastField, text: `\n${members.map(memberOf).join("").trimEnd()}` },
  ];
  return applyEdits(source.text, edits);
}

function classIn(
  compiler: Compiler,
  source: ts.SourceFile,
  className: string,
): ts.ClassDeclaration | undefined {
  for (const node of nodesOf(compiler, source))
    if (compiler.isClassDeclaration(node) && node.name?.text === className) return node;
  return undefined;
}
