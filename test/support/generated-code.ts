/** Checks of generated code with a strict compiler. */
import path from "node:path";
import ts from "typescript";
import { repository } from "./project";
import { programOf } from "./shared-programs.cjs";

/**
 * Returns the compile errors of the files with strict checks, as `file: message`.
 * @param files absolute paths
 */
export function typeProblems(files: readonly string[]): string[] {
  const program = programOf(files, {
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2023.d.ts"],
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    strict: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    types: files.some((file) => file.endsWith(".test.ts")) ? ["node", "jest"] : ["node"],
    typeRoots: [path.join(repository, "node_modules", "@types")],
    paths: {
      "lakeform/constructs": [path.join(repository, "constructs", "index.ts")],
      "@cdktf/provider-databricks/lib/*": [
        path.join(repository, "node_modules", "@cdktf", "provider-databricks", "lib", "*"),
      ],
    },
  });
  // npm run typecheck checks the sources of this repository.
  const projectFiles = program
    .getSourceFiles()
    .filter(
      ({ fileName }) => !fileName.startsWith(repository) && !fileName.includes("/node_modules/"),
    );
  if (projectFiles.length < files.length)
    throw new Error(`the compiler has read ${projectFiles.length} of ${files.length} files`);
  return [
    ...program.getOptionsDiagnostics(),
    ...projectFiles.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ].map(
    (diagnostic) =>
      `${path.basename(diagnostic.file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`,
  );
}
