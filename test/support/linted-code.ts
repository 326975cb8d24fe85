/** Checks generated code with the recommended rules of typescript-eslint, which take 1 s to load. */
import path from "node:path";
import { ESLint } from "eslint";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

/**
 * Returns ESLint's problems with the recommended rules.
 * @param root folder of the project
 * @param patterns relative to the root
 */
export async function lintProblems(root: string, patterns: readonly string[]): Promise<string[]> {
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: defineConfig({
      files: ["**/*.ts"],
      extends: [tseslint.configs.recommended, tseslint.configs.stylistic],
    }),
  });
  const results = await eslint.lintFiles([...patterns]);
  return results.flatMap(({ filePath, messages }) =>
    messages.map(
      ({ line, ruleId, message }) =>
        `${path.relative(root, filePath)}:${line} ${ruleId ?? ""}: ${message}`,
    ),
  );
}
