import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import ts from "typescript";
import { codeBlocks } from "./support/markdown";
import { makeFolder, removeFolders, repository } from "./support/project";
import { programOf } from "./support/shared-programs.cjs";

const pages = ["README.md", "CONTRIBUTING.md", ...markdownIn("docs")];
const blocks = pages.flatMap((page) => codeBlocks(path.join(repository, page), page));

function markdownIn(folder: string): string[] {
  return fs.readdirSync(path.join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? markdownIn(file) : entry.name.endsWith(".md") ? [file] : [];
  });
}

describe("docs", () => {
  afterAll(removeFolders);

  test("have TypeScript blocks that compile", () => {
    const folder = makeFolder("blocks");
    const files = blocks
      .filter((block) => block.language === "ts")
      .map((block) => {
        const file = path.join(folder, `${block.where.replaceAll(/[^\w]/g, "_")}.ts`);
        fs.writeFileSync(file, block.code);
        return file;
      });
    expect(files.length).toBeGreaterThan(0);
    fs.symlinkSync(path.join(repository, "node_modules"), path.join(folder, "node_modules"));
    const program = programOf(files, {
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2023.d.ts"],
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      esModuleInterop: true,
      resolveJsonModule: true,
      types: ["node", "jest"],
      typeRoots: [path.join(repository, "node_modules", "@types")],
      paths: {
        "lakeform/constructs": [path.join(repository, "constructs", "index.ts")],
        "lakeform/api": [path.join(repository, "src", "api", "index.ts")],
        "lakeform/verify": [path.join(repository, "src", "deploy", "verify-library.ts")],
        "lakeform/testing": [path.join(repository, "src", "testing", "index.ts")],
      },
    });
    // npm run typecheck checks the imported sources; this test checks only the blocks.
    const blockFiles = program
      .getSourceFiles()
      .filter(({ fileName }) => fileName.startsWith(folder));
    expect(blockFiles).toHaveLength(files.length);
    const problems = [
      ...program.getOptionsDiagnostics(),
      ...blockFiles.flatMap((file) => [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]),
    ].map(
      (diagnostic) =>
        `${path.basename(diagnostic.file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`,
    );
    expect(problems).toEqual([]);
  }, 120_000);

  test("match the source in docs/constructs", () => {
    execFileSync(
      process.execPath,
      [path.join(repository, "scripts", "constructs-doc.mjs"), "--check"],
      {
        encoding: "utf8",
        stdio: "pipe",
      },
    );
  });
});
