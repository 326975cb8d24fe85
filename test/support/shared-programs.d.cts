import type { CompilerOptions, Program } from "typescript";

export function programOf(files: readonly string[], options: CompilerOptions): Program;
