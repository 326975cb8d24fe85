/** Copies changes made in the workspace to the code by editing the project's source. */
import fs from "node:fs";
import path from "node:path";
import type ts from "typescript";
import type { ReadClient } from "../../api/client";
import { findKind } from "../../resources";
import type { Attributes } from "../../resources/kind";
import { textOrEmpty } from "../../resources/shape/attributes";
import { schemaOf } from "../../resources/shape/schema";
import type { Project } from "../../terraform/project";
import type { SynthesizedStack } from "../../terraform/stack";
import { indexState } from "../../verify/deployed/state-index";
import { desiredOfStack } from "../../verify/desired/desired";
import { plain } from "../../verify/expressions/values";
import type { TerraformState } from "../../verify/input";
import type { Finding, ResourceResult } from "../../verify/model";
import type { ReportRedactor, Shown } from "../../verify/redactor";
import { hasMeaningWhenEmpty, withoutEmpty } from "../code/fields";
import { NotExpressible } from "../code/source-file";
import { otherKinds } from "../code/used-objects";
import type { ArtifactType } from "../code/context";
import {
  compilerOf,
  applyEdits,
  nodesOf,
  parse,
  type Compiler,
  type Edit,
} from "../syntax/compiler";
import { mainFileOf } from "../syntax/main-file";
import { download } from "../workspace";
import { findConstruct } from "./construct";
import { editsOf } from "./edits";
import { withRemoteValues, withLists } from "./patch";
import { statementsOf, type Statements } from "./statements";

export interface DriftOptions {
  readonly project: Project;
  readonly api: ReadClient;
  readonly stack: SynthesizedStack;
  readonly state: TerraformState | undefined;
  /** Returns the value of a Terraform variable. */
  readonly variable: (name: string) => string | undefined;
  /** The results of verify for the stack's resources, in clear text. */
  readonly results: readonly ResourceResult[];
  /** Hides secrets in paths and values. */
  readonly redactor: ReportRedactor;
  /** Other stacks of the project, whose objects may be created by the same line of code. */
  readonly otherStacks: readonly SynthesizedStack[];
}

export interface DriftedResource {
  readonly path: Shown;
  /** Where the code declares it: `stacks/daily-etl.ts:31`. */
  readonly source: Shown;
  /** The fields that the edit changes. */
  readonly fields: readonly Shown[];
  /** Whether the edit changes the code. */
  readonly changed: boolean;
  /** The changes that must be made manually, one line each. */
  readonly left: readonly Shown[];
}

export interface DriftEdits {
  readonly resources: readonly DriftedResource[];
  /** The complete content of each edited file; paths are relative to the project. */
  readonly files: readonly {
    readonly path: string;
    readonly before: string;
    readonly content: string | Buffer;
  }[];
}

const artifactTypes = ["databricks_notebook", "databricks_workspace_file", "databricks_dbfs_file"];

/**
 * Computes the edits and writes nothing.
 * @throws LakeformError NO_TYPESCRIPT, TYPESCRIPT_TOO_NEW, NO_MAIN_FILE
 */
export async function driftEdits(options: DriftOptions): Promise<DriftEdits> {
  const { project, stack, results } = options;
  const compiler = compilerOf(project.root);
  const driftedResults = results.filter(({ findings }) =>
    findings.some(({ status }) => status === "drift"),
  );
  const desired = desiredOfStack(stack.json, {
    directory: stack.directory,
    state: indexState(options.state),
    variable: options.variable,
  });
  const edits = new Map<string, Edit[]>();
  const contents = new Map<string, Buffer>();
  const resources: DriftedResource[] = [];
  for (const result of driftedResults) {
    const findings = result.findings.filter(({ status }) => status === "drift");
    const config = desired.get(result.address)?.attributes;
    const editor = new DriftEditor(options, compiler, result, findings);
    const resource = artifactTypes.includes(result.kind)
      ? await editor.editArtifact(contents)
      : await editor.editConstruct(plain(config ?? {}), edits);
    resources.push(resource);
  }
  const files = [...edits].map(([file, list]) => {
    const before = fs.readFileSync(path.join(project.root, file), "utf8");
    return { path: file, before, content: applyEdits(before, list) };
  });
  const contentFiles = [...contents].map(([file, content]) => ({
    path: file,
    before: fs.readFileSync(path.join(project.root, file), "utf8"),
    content,
  }));
  return {
    resources,
    files: [...files.filter(({ before, content }) => before !== content), ...contentFiles],
  };
}

class DriftEditor {
  constructor(
    private readonly options: DriftOptions,
    private readonly compiler: Compiler,
    private readonly result: ResourceResult,
    private readonly findings: readonly Finding[],
  ) {}

  /** @param manual the changes that must be made manually */
  #outcome(fields: readonly Shown[], changed: boolean, manual: readonly string[]): DriftedResource {
    const { redactor } = this.options;
    const shared = this.#sharedWith();
    const note =
      changed && shared.length > 0
        ? [`the same line creates ${shared.join(", ")}: the edit changes these too`]
        : [];
    return {
      path: redactor.heading(this.result.path),
      source: redactor.heading(this.result.source ?? ""),
      fields,
      changed,
      left: [...manual, ...note].map((line) => redactor.heading(line)),
    };
  }

  /** The redacted paths of the findings. */
  get #fields(): readonly Shown[] {
    return this.findings.map((finding) => this.options.redactor.path(finding));
  }

  /** Returns the construct paths of other objects of this type that the same line creates. */
  #sharedWith(): string[] {
    const { source, address } = this.result;
    const stacks = [this.options.stack, ...this.options.otherStacks];
    return stacks.flatMap(({ name, metadata }) =>
      Object.entries(metadata.resources).flatMap(([resourceAddress, origin]) => {
        const isSame = resourceAddress === address && name === this.options.stack.name;
        return origin.source === source &&
          source !== undefined &&
          !isSame &&
          resourceAddress.startsWith(`${this.result.kind}.`)
          ? [origin.path]
          : [];
      }),
    );
  }

  /** The source file and line of the construct. */
  #position(): { readonly file: string; readonly line: number } | undefined {
    const [, file, line] = /^(.*):(\d+)$/.exec(this.result.source ?? "") ?? [];
    return file === undefined ||
      line === undefined ||
      !fs.existsSync(path.join(this.options.project.root, file))
      ? undefined
      : { file, line: Number(line) };
  }

  /** Adds the edits of the construct's source file. */
  async editConstruct(desired: Attributes, edits: Map<string, Edit[]>): Promise<DriftedResource> {
    const { project, api } = this.options;
    const { kind: type, id = "", path: constructPath } = this.result;
    const fieldList = this.#fields;
    const paths = this.findings.map(({ path: fieldPath }) => fieldPath);
    const className = type === "databricks_job" ? "Workflow" : otherKinds[type]?.construct;
    const [kind, block, position] = [findKind(type), schemaOf(type)?.block, this.#position()];
    if (className === undefined || kind === undefined || block === undefined)
      return this.#outcome([], false, [
        `${type} cannot be edited by adopt: change the code yourself (${fieldList.join(", ")})`,
      ]);
    if (position === undefined)
      return this.#outcome([], false, ["the position of the construct in the code is unknown"]);
    const remote = await kind.read(api, id, { known: desired, deep: true });
    if (remote === undefined)
      return this.#outcome([], false, ["it no longer exists in the workspace"]);
    const source = parse(this.compiler, path.join(project.root, position.file));
    const construct = findConstruct(this.compiler, source, {
      line: position.line,
      className,
      id: constructPath.split("/").at(-1) ?? "",
    });
    if (construct === undefined)
      return this.#outcome([], false, [
        `${position.file}:${position.line} creates it without new ${className}(…): change it there (${fieldList.join(", ")})`,
      ]);
    const config = withLists(block, desired);
    const newAttributes = this.#withoutNamePrefix(
      withRemoteValues(block, kind.rules, config, remote.attributes, paths),
    );
    const generate = (attributes: Attributes): Statements =>
      statementsOf({
        type,
        id: "",
        name: "",
        attributes: withoutEmpty(block, attributes, hasMeaningWhenEmpty),
      });
    let beforeAndAfter: readonly [Statements, Statements];
    try {
      beforeAndAfter = [generate(this.#withoutNamePrefix(config)), generate(newAttributes)];
    } catch (error) {
      if (!(error instanceof NotExpressible)) throw error;
      return this.#outcome([], false, [`the constructs cannot express it: ${error.message}`]);
    }
    const library = mainFileOf(project.root, project.app, this.compiler).library;
    const reconciled = editsOf(
      this.compiler,
      source,
      construct,
      beforeAndAfter,
      libraryIn(this.compiler, source, library),
    );
    const manual = reconciled.manualEdits.map(
      ({ line, expression, newCode }) =>
        `${position.file}:${line}: ${expression} computes it, and must return ${this.options.redactor.text(newCode)}`,
    );
    if (reconciled.edits.length === 0 && manual.length === 0)
      manual.push(`no property of ${className} sets it: ${fieldList.join(", ")}`);
    edits.set(position.file, [...(edits.get(position.file) ?? []), ...reconciled.edits]);
    return this.#outcome(fieldList, reconciled.edits.length > 0, manual);
  }

  /** Removes the environment's prefix from names. */
  #withoutNamePrefix(attributes: Attributes): Attributes {
    const prefix = this.options.stack.metadata.profileSettings?.["namePrefix"];
    if (typeof prefix !== "string" || prefix === "") return attributes;
    const names = ["name", "cluster_name", "instance_pool_name"].flatMap((field) => {
      const name = textOrEmpty(attributes, field);
      return name.startsWith(prefix) ? [[field, name.slice(prefix.length)] as const] : [];
    });
    return { ...attributes, ...Object.fromEntries(names) };
  }

  /** Adds the new content of the file that the code refers to. */
  async editArtifact(contents: Map<string, Buffer>): Promise<DriftedResource> {
    const { project, api } = this.options;
    const { kind: type, id = "", path: constructPath } = this.result;
    const fieldList = this.#fields;
    const className =
      {
        databricks_notebook: "Notebook",
        databricks_workspace_file: "WorkspaceFile",
        databricks_dbfs_file: "DbfsFile",
      }[type] ?? "";
    const position = this.#position();
    const source =
      position === undefined
        ? undefined
        : parse(this.compiler, path.join(project.root, position.file));
    const construct =
      position === undefined || source === undefined
        ? undefined
        : findConstruct(this.compiler, source, {
            line: position.line,
            className,
            id: constructPath.split("/").at(-1) ?? "",
          });
    const file =
      construct === undefined ? undefined : contentFile(this.compiler, construct.creation);
    if (!this.findings.some(({ path: fieldPath }) => fieldPath === "content"))
      return this.#outcome([], false, [`only its content is adopted (${fieldList.join(", ")})`]);
    if (file === undefined || !fs.existsSync(path.join(project.root, file)))
      return this.#outcome([], false, [
        `${this.result.source ?? "the code"} does not use Content.file("…"): adopt cannot replace its content`,
      ]);
    const downloaded = await download(api, id, type as ArtifactType);
    if (typeof downloaded === "string") return this.#outcome([], false, [downloaded]);
    contents.set(file, downloaded.bytes);
    return this.#outcome(
      this.#fields.filter((field) => field === "content"),
      true,
      fieldList.length > 1 ? [`only its content is adopted (${fieldList.join(", ")})`] : [],
    );
  }
}

/** Returns the path in `content: Content.file("…")`. */
function contentFile(compiler: Compiler, creation: ts.NewExpression): string | undefined {
  for (const node of nodesOf(compiler, creation)) {
    if (!compiler.isCallExpression(node) || !/(^|\.)Content\.file$/.test(node.expression.getText()))
      continue;
    const [file] = node.arguments;
    return file !== undefined && compiler.isStringLiteralLike(file) ? file.text : undefined;
  }
  return undefined;
}

/** Returns the module from which a file imports the constructs. */
function libraryIn(compiler: Compiler, source: ts.SourceFile, defaultLibrary: string): string {
  for (const node of source.statements)
    if (
      compiler.isImportDeclaration(node) &&
      compiler.isStringLiteral(node.moduleSpecifier) &&
      /(^|\/)constructs(\/index)?$/.test(node.moduleSpecifier.text) &&
      node.moduleSpecifier.text !== "constructs"
    )
      return node.moduleSpecifier.text;
  return defaultLibrary;
}
