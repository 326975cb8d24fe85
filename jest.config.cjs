// Three tiers: *.test.ts is the fast one (`npm test`), *.long.test.ts the long one
// (`npm run test:long`), *.official.test.ts needs the official provider (`npm run test:official`).
const tier = process.env.LAKEFORM_TESTS ?? "fast";
const fast = tier === "fast";
module.exports = {
  runtime: "<rootDir>/test/support/compile-once-runtime.cjs",
  testEnvironment: "<rootDir>/test/support/measured-environment.cjs",
  testSequencer: "<rootDir>/test/support/slow-first.cjs",
  reporters: ["default", "<rootDir>/test/support/slow-suites.cjs"],
  roots: ["<rootDir>/test"],
  testMatch: [fast ? "**/*.test.ts" : `**/*.${tier}.test.ts`],
  testPathIgnorePatterns: fast ? ["\\.(long|official)\\.test\\.ts$"] : [],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/cdktf.out/"],
  globalSetup: "<rootDir>/test/support/global-setup.cjs",
  // Not in TMPDIR, which is a new folder for each run (scripts/test.mjs).
  cacheDirectory: "<rootDir>/.cache/jest",
  testTimeout: fast ? 60_000 : 600_000,
};
