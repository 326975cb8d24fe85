import type { IConstruct } from "./bindings";

/** The type of the construct metadata that carries a warning: what review and tests look for. */
export const warningType = "lakeform:warning";

export interface Warning {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** Warns without stopping: shown once by {@link synthesize}, on stderr. */
export function warn(construct: IConstruct, code: string, message: string): void {
  construct.node.addMetadata(warningType, { code, path: construct.node.path, message } satisfies Warning);
}

/** All warnings below a construct. */
export function warningsOf(root: IConstruct): Warning[] {
  return root.node
    .findAll()
    .flatMap((construct) => construct.node.metadata.filter((entry) => entry.type === warningType).map((entry) => entry.data as Warning));
}
