import fs from "node:fs";
import path from "node:path";
import type { CodeBlock } from "./markdown";
import { scaled } from "./scale";

type Run = (command: string, ...words: string[]) => Promise<string>;

/** A program that uses each export, and prints the source line of its construct. */
export const program = `import { connect, Secret } from "lakeform/api";
import { buildAndSynth, Directory, WorkspaceStack } from "lakeform/constructs";
import { startWorkspace } from "lakeform/testing";
import { verify } from "lakeform/verify";

buildAndSynth(
  (app) => {
    const stack = new WorkspaceStack(app, "s", { project: "p", environment: { name: "local", provider: "embedded", values: {} } });
    new Directory(stack, "d", { path: "/Shared/d" });
  },
  { outdir: "synthesized" },
);
console.log([connect, Secret, startWorkspace, verify].map((value) => typeof value).join(" "));
`;

interface Setting {
  readonly module: string;
  readonly moduleResolution: string;
  readonly type: "module" | "commonjs";
}

/**
 * The module settings of TypeScript whose output Node runs directly. The first three differ most: a
 * short run uses only these.
 */
const settings: readonly Setting[] = [
  { module: "nodenext", moduleResolution: "nodenext", type: "module" },
  { module: "commonjs", moduleResolution: "node10", type: "commonjs" },
  { module: "esnext", moduleResolution: "bundler", type: "module" },
  { module: "nodenext", moduleResolution: "nodenext", type: "commonjs" },
  { module: "node16", moduleResolution: "node16", type: "module" },
  { module: "node16", moduleResolution: "node16", type: "commonjs" },
  { module: "node18", moduleResolution: "node16", type: "module" },
  { module: "preserve", moduleResolution: "bundler", type: "module" },
];

/**
 * Checks in subfolders of a project with the packed package that `examples` and {@link program}
 * compile under each module setting, and that Node runs the compiled program, and the program as
 * plain JavaScript.
 */
export async function checkModuleFormats(
  root: string,
  run: Run,
  examples: readonly CodeBlock[],
): Promise<void> {
  const expected = "function function function function\n";
  for (const { module, moduleResolution, type } of settings.slice(0, scaled(settings.length, 3))) {
    const name = `modules-${module}-${type}`;
    const folder = path.join(root, name);
    fs.mkdirSync(folder);
    fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type }));
    fs.writeFileSync(path.join(folder, "program.ts"), program);
    for (const { where, code } of examples)
      fs.writeFileSync(path.join(folder, `${where.replaceAll(/\W/g, "_")}.ts`), code);
    const compilerOptions = {
      target: "ES2022",
      module,
      moduleResolution,
      strict: true,
      skipLibCheck: true,
      moduleDetection: "force",
      outDir: "out",
      types: ["node", "jest"],
    };
    fs.writeFileSync(
      path.join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["."] }),
    );
    await run("npx", "tsc", "-p", name);
    expect([name, await run("node", path.join(name, "out", "program.js"))]).toEqual([
      name,
      expected,
    ]);
  }
  fs.writeFileSync(path.join(root, "program.mjs"), program);
  expect(await run("node", "program.mjs")).toBe(expected);
  fs.writeFileSync(
    path.join(root, "program.cjs"),
    program.replaceAll(/import (\{.*\}) from (".*");/g, "const $1 = require($2);"),
  );
  expect(await run("node", "program.cjs")).toBe(expected);
}
