/** The ESLint rule of this repository for keys in spreads. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { makeFolder, removeFolders, repository } from "./support/project";

afterAll(removeFolders);

/** Returns the messages of the rule, with their lines. */
function lintMessages(source: string): string[] {
  const folder = makeFolder("lint");
  const link = (...parts: string[]): string => JSON.stringify(path.join(repository, ...parts));
  fs.writeFileSync(
    path.join(folder, "eslint.config.mjs"),
    `import tseslint from ${link("node_modules", "typescript-eslint", "dist", "index.js")};
import rule from ${link("scripts", "lint", "no-unknown-spread-keys.mjs")};
export default [{
  files: ["**/*.ts"],
  languageOptions: { parser: tseslint.parser, parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname } },
  plugins: { lakeform: { rules: { rule } } },
  rules: { "lakeform/rule": "error" },
}];
`,
  );
  const compilerOptions = { strict: true, types: [], target: "es2022" };
  fs.writeFileSync(
    path.join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["a.ts"] }),
  );
  fs.writeFileSync(path.join(folder, "a.ts"), source);
  const eslint = path.join(repository, "node_modules", "eslint", "bin", "eslint.js");
  const { stdout, stderr } = spawnSync(process.execPath, [eslint, "--format", "json", "a.ts"], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const [{ messages }] = JSON.parse(stdout) as [
    { readonly messages: readonly { readonly line: number; readonly message: string }[] },
  ];
  return messages.map(({ line, message }) => `${line}: ${message}`);
}

test("a key in a spread must be a property of the type that the literal has to match", () => {
  const source = `declare function defined<T extends object>(fields: T): T;
declare const is: boolean;
interface Job { readonly name: string; readonly owner?: string }
interface Stack { readonly path: string }
export const a: Job = { name: "a", ...defined({ owners: "b" }) };
export const b: Job = { name: "a", ...(is && { owners: "b" }) };
export const c: Job = { name: "a", ...(is ? {} : { owner: "b", "owned by": "b" }) };
export const d = (): Job => ({ name: "a", ...(is && { ...defined({ owner: "b", note: "b" }) }) });
export const e: Job | undefined = { name: "a", ...{ of: "b" } };
export const f: Job | Stack = { path: "a", ...(is && { name: "b" }) };
export const open: Record<string, string> = { ...defined({ any: "b" }) };
export const object: object = { ...defined({ any: "b" }) };
export const untyped = { ...defined({ any: "b" }) };
export const unknown: unknown = { ...defined({ any: "b" }) };
export const g = <T extends object>(fields: T): T & Job => ({ ...fields, name: "a", ...(is && { owner: "b" }) });
`;
  expect(lintMessages(source)).toEqual([
    "5: 'owners' is not a property of Job.",
    "6: 'owners' is not a property of Job.",
    "7: 'owned by' is not a property of Job.",
    "8: 'note' is not a property of Job.",
    "9: 'of' is not a property of Job | undefined.",
  ]);
});
