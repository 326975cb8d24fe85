import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";
import noUnknownSpreadKeys from "./scripts/lint/no-unknown-spread-keys.mjs";

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "website/dist/",
      "cdktf.out/",
      "coverage/",
      "node_modules/",
      ".lakeform/",
      ".cache/",
      "test/fixtures/",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: "tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    plugins: { lakeform: { rules: { "no-unknown-spread-keys": noUnknownSpreadKeys } } },
    rules: {
      "lakeform/no-unknown-spread-keys": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/no-extraneous-class": "off",
      // recursion without end on unions that hold classes and lists of themselves (8.73:
      // src/verify/expressions/values.ts)
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/unified-signatures": "off",
    },
  },
  {
    // What is known of a kind stands in its traits (src/resources/kind.ts). The places left out are
    // about kinds, or may not import them.
    files: ["src/**/*.ts"],
    ignores: [
      "src/resources/**",
      "src/workspace/**",
      "src/review/policies/**",
      "src/adopt/**",
      "src/cli/rest.ts",
      "src/verify/remote/{not-read,workspace-bindings}.ts",
      "src/verify/unmanaged/kinds-not-listed.ts",
      "src/promote/{evidence,smoke}.ts",
      "src/terraform/folders.ts",
    ],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "Literal[value=/^databricks_(?!internal$)[a-z_]+$/]",
          message: "Ask the kind's traits (traitsOf, typesWith) instead of naming a type.",
        },
      ],
    },
  },
  {
    files: ["**/*.{js,cjs,mjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        require: "readonly",
        module: "readonly",
        __dirname: "readonly",
        Buffer: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        URL: "readonly",
        fetch: "readonly",
        performance: "readonly",
        structuredClone: "readonly",
      },
    },
  },
  prettier,
);
