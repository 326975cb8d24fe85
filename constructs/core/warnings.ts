import { AnnotationMetadataEntryType, Annotations, type IConstruct } from "./bindings";

/** Something that stops nothing: an annotation of cdktf's (`Annotations.of(construct).addWarning(…)`), which its manifest keeps. */
export interface Warning {
  /** Literal and stable; `ANNOTATION` for a warning of your own that names none. */
  readonly code: string;
  readonly path: string;
  readonly message: string;
  /** What to change in the code. */
  readonly fix?: string;
}

/** Warns without stopping. Every command that builds or reads the stack shows it, cdktf's own too. */
export function warn(construct: IConstruct, code: string, message: string, fix?: string): void {
  Annotations.of(construct).addWarning(`${code}: ${message}${fix === undefined ? "" : `\n  fix:     ${fix}`}`);
}

/**
 * All warnings below a construct, each once. Constructs warn of what works but should not stay; your own code does it with `Annotations.of(…).addWarning`. `synth`,
 * `review`, `deploy`, `verify` and the other commands that read a stack show its warnings on stderr, and so does `cdktf synth`. `addError` in its place makes it a mistake,
 * reported with the others when the stack is synthesized.
 *
 * @example
 * Annotations.of(workflow).addWarning("ask the data office before this grows");
 * const said = warningsOf(stack).map(({ path, message }) => `${path}: ${message}`);
 */
export function warningsOf(root: IConstruct): Warning[] {
  const found = new Map<string, Warning>();
  // An aspect that runs twice adds the same message twice.
  for (const { node } of root.node.findAll()) {
    for (const { type, data } of node.metadata)
      if (type === (AnnotationMetadataEntryType.WARN as string)) found.set(`${node.path} ${String(data)}`, parsed(node.path, String(data)));
  }
  return [...found.values()];
}

function parsed(path: string, text: string): Warning {
  const [, code = "ANNOTATION", message = "", fix] = /^(?:([A-Z][A-Z0-9_]+): )?(.*?)(?:\n {2}fix: {5}(.*))?$/s.exec(text) ?? [];
  return { code, path, message, ...(fix !== undefined && { fix }) };
}

/** A warning for people, in the form of the errors. */
export function formatWarning({ code, path, message, fix }: Warning): string {
  return [`warning ${code}: ${message}`, `  at:      ${path}`, ...(fix === undefined ? [] : [`  fix:     ${fix}`])].join("\n");
}
