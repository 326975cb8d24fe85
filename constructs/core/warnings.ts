import { defined } from "../../src/defined";
import { AnnotationMetadataEntryType, Annotations, type IConstruct } from "./bindings";

/**
 * A warning does not stop the synth. It is a cdktf annotation
 * (`Annotations.of(construct).addWarning(…)`), stored in the manifest.
 */
export interface Warning {
  /** A stable code; `ANNOTATION` for your own warnings without a code. */
  readonly code: string;
  readonly path: string;
  readonly message: string;
  /** The change in the code that fixes the problem. */
  readonly fix?: string;
}

/** Adds a warning. Every command that builds or reads the stack shows it, including cdktf. */
export function warn(construct: IConstruct, code: string, message: string, fix?: string): void {
  Annotations.of(construct).addWarning(
    `${code}: ${message}${fix === undefined ? "" : `\n  fix:     ${fix}`}`,
  );
}

/**
 * All warnings of a construct and its children, without duplicates. Constructs warn about code that
 * works but should be changed; your own code can warn with `Annotations.of(…).addWarning`. `synth`,
 * `review`, `deploy`, `verify` and the other commands that read a stack show its warnings on
 * stderr, and so does `cdktf synth`. `addError` reports an error instead, together with the others
 * when the stack is synthesized.
 *
 * @example
 * Annotations.of(workflow).addWarning("ask the data office before this grows");
 * const lines = warningsOf(stack).map(({ path, message }) => `${path}: ${message}`);
 */
export function warningsOf(root: IConstruct): Warning[] {
  const found = new Map<string, Warning>();
  // An aspect that runs twice adds the same message twice.
  for (const { node } of root.node.findAll()) {
    for (const { type, data } of node.metadata)
      if (type === (AnnotationMetadataEntryType.WARN as string))
        found.set(`${node.path} ${String(data)}`, parsed(node.path, String(data)));
  }
  return [...found.values()];
}

function parsed(path: string, text: string): Warning {
  const [, code = "ANNOTATION", message = "", fix] =
    /^(?:([A-Z][A-Z0-9_]+): )?(.*?)(?:\n {2}fix: {5}(.*))?$/s.exec(text) ?? [];
  return { code, path, message, ...defined({ fix }) };
}

/** A warning in the format of the errors. */
export function formatWarning({ code, path, message, fix }: Warning): string {
  return [
    `warning ${code}: ${message}`,
    `  at:      ${path}`,
    ...(fix === undefined ? [] : [`  fix:     ${fix}`]),
  ].join("\n");
}
