import { defined } from "../../src/defined";
import { AnnotationMetadataEntryType, Annotations, type IConstruct } from "./bindings";

/**
 * A warning does not stop the synth. It is an annotation of cdktf
 * (`Annotations.of(construct).addWarning(…)`), which is stored in the manifest.
 */
export interface Warning {
  /** A stable code. Your own warnings without a code have the code `ANNOTATION`. */
  readonly code: string;
  /** The path of the construct. */
  readonly path: string;
  /** The problem, in lower case and without a full stop. */
  readonly message: string;
  /** The change in the code that resolves the warning. */
  readonly fix?: string;
}

/**
 * Adds a warning. Every command that builds or reads the stack shows it, including those of cdktf.
 */
export function warn(construct: IConstruct, code: string, message: string, fix?: string): void {
  Annotations.of(construct).addWarning(
    `${code}: ${message}${fix === undefined ? "" : `\n  fix:     ${fix}`}`,
  );
}

/**
 * Returns all warnings of a construct and its children, without duplicates. Constructs warn about
 * code that works but should be changed, and your own code can call `Annotations.of(…).addWarning`.
 * Commands that read a stack, including `cdktf synth`, show its warnings on stderr. Use `addError`
 * for an error, which is reported with all others when the stack is synthesized.
 *
 * @example
 * Annotations.of(workflow).addWarning("ask the data office before this grows");
 * const lines = warningsOf(stack).map(({ path, message }) => `${path}: ${message}`);
 */
export function warningsOf(root: IConstruct): Warning[] {
  // An aspect that runs twice adds each warning twice, so a map removes the duplicates.
  const warnings = new Map<string, Warning>();
  for (const { node } of root.node.findAll()) {
    for (const { type, data } of node.metadata)
      if (type === (AnnotationMetadataEntryType.WARN as string))
        warnings.set(`${node.path} ${String(data)}`, parseWarning(node.path, String(data)));
  }
  return [...warnings.values()];
}

function parseWarning(path: string, text: string): Warning {
  const [, code = "ANNOTATION", message = "", fix] =
    /^(?:([A-Z][A-Z0-9_]+): )?(.*?)(?:\n {2}fix: {5}(.*))?$/s.exec(text) ?? [];
  return { code, path, message, ...defined({ fix }) };
}

/** Formats a warning in the same way as an error. */
export function formatWarning({ code, path, message, fix }: Warning): string {
  return [
    `warning ${code}: ${message}`,
    `  at:      ${path}`,
    ...(fix === undefined ? [] : [`  fix:     ${fix}`]),
  ].join("\n");
}
