import type { IConstruct } from "./bindings";

/** The type of the construct metadata that carries a warning: what review and tests look for. */
export const warningType = "lakeform:warning";

export interface Warning {
  readonly code: string;
  readonly path: string;
  readonly message: string;
  /** What to change in the code. */
  readonly fix?: string;
}

/** Warns without stopping: `synthesize` prints all warnings of an app on stderr when it has been built. */
export function warn(construct: IConstruct, code: string, message: string, fix?: string): void {
  const warning: Warning = { code, path: construct.node.path, message, ...(fix !== undefined && { fix }) };
  construct.node.addMetadata(warningType, warning);
}

/** All warnings below a construct. */
export function warningsOf(root: IConstruct): Warning[] {
  return root.node
    .findAll()
    .flatMap((construct) => construct.node.metadata.filter((entry) => entry.type === warningType).map((entry) => entry.data as Warning));
}

/** A warning for people, in the form of the errors. */
export function formatWarning({ code, path, message, fix }: Warning): string {
  return [`warning ${code}: ${message}`, `  at:      ${path}`, ...(fix === undefined ? [] : [`  fix:     ${fix}`])].join("\n");
}
