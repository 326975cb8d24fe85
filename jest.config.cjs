// Two tiers: *.test.ts is the fast one (`npm test`), *.long.test.ts the long one (`npm run test:long`).
const long = process.env.LAKEFORM_TESTS === "long";
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: long ? ["**/*.long.test.ts"] : ["**/*.test.ts"],
  testPathIgnorePatterns: long ? [] : ["\\.long\\.test\\.ts$"],
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/cdktf.out/"],
  globalSetup: "<rootDir>/test/support/global-setup.cjs",
  testTimeout: long ? 600_000 : 60_000,
};
