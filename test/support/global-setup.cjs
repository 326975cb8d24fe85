// Builds the project before the tests, as tests that start the command or the provider use the
// built code. scripts/test.mjs has already built it.
const { execFileSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

module.exports = () => {
  const root = path.join(__dirname, "..", "..");
  if (process.env.LAKEFORM_BUILT === undefined)
    execFileSync(process.execPath, [path.join(root, "scripts", "build.mjs")], {
      cwd: root,
      stdio: "inherit",
    });
  process.env.LAKEFORM_SUITE_TIMES = fs.mkdtempSync(
    path.join(os.tmpdir(), "lakeform-suite-times-"),
  );
};
