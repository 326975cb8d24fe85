import { createRequire } from "node:module";
import { compareVersions, installedVersion, isOlder } from "../src/package-versions";

test.each([
  ["1.9.0", "1.10.0", true],
  ["1.99", "1.99.0", false],
  ["18.0.0", "18.0.0", false],
  ["1.12.0-beta1", "1.12.0", false],
  ["2.0.0", "1.132.0", false],
])("%s is older than %s: %s", (version, other, expected) => {
  expect([isOlder(version, other), compareVersions(version, other) < 0]).toEqual([
    expected,
    expected,
  ]);
});

test("no version is returned for a package that is not installed", () => {
  const require = createRequire(__filename);
  expect([
    installedVersion(require, "typescript"),
    installedVersion(require, "no-such-package"),
  ]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/), undefined]);
});
