/**
 * Returns the generated code of an object as a list of calls, each with the element that it adds.
 */
import { defined } from "../../defined";
import type { AdoptedObject, CodeContext } from "../code/context";
import { writeJob } from "../code/job";
import type { Code } from "../code/print";
import { SourceFile } from "../code/source-file";
import { writeOther } from "../code/used-objects";
import { kindOfMethod } from "./construct";

export interface Statement {
  /** Identifies the call: `new Workflow`, `task ingest`, `addParameter day`. */
  readonly callKey: string;
  /** The constant that the result is assigned to. */
  readonly name?: string;
  readonly code: Exclude<Code, string>;
}

export interface Statements {
  readonly list: readonly Statement[];
  /** Names of the constructs library that the code uses. */
  readonly used: ReadonlySet<string>;
  /** The constant of the object itself. */
  readonly self: string;
}

/** Records the statements instead of rendering them. */
class Recorder extends SourceFile {
  readonly list: Statement[] = [];
  readonly used = new Set<string>();

  override use(name: string, from?: string): string {
    if (!name.startsWith("type ") && from === undefined) this.used.add(name);
    return super.use(name, from);
  }

  override const(name: string, code: Code): void {
    this.#add(code, name);
  }

  override statement(code: Code): void {
    this.#add(code);
  }

  #add(code: Code, name?: string): void {
    if (typeof code !== "string")
      this.list.push({ callKey: callKeyOf(code), code, ...defined({ name }) });
  }
}

/** Identifies a call: `workflow.addTask("ingest", …)` is `task ingest`. */
function callKeyOf(code: Exclude<Code, string>): string {
  const method = /\.(add\w+)\($/.exec(code.open)?.[1];
  const [key] = code.items;
  if (method !== undefined && typeof key === "string")
    return `${kindOfMethod(method)} ${JSON.parse(key) as string}`;
  return code.open.slice(0, -1);
}

/** @throws NotExpressible if the constructs cannot express the object */
export function statementsOf(object: AdoptedObject): Statements {
  const file = new Recorder("lakeform/constructs", []);
  const context: CodeContext = {
    file,
    findAdopted: () => undefined,
    findArtifact: () => undefined,
    nameOf: () => undefined,
    constructId: (preferredId) => preferredId,
  };
  const write = object.type === "databricks_job" ? writeJob : writeOther;
  const self = write(object, "id", context);
  return { list: file.list, used: file.used, self };
}
