// Tests that start the command or the provider run the built code: build what changed before the first of them.
const { execFileSync } = require("node:child_process");
const path = require("node:path");

module.exports = () => {
  const root = path.join(__dirname, "..", "..");
  execFileSync(process.execPath, [path.join(root, "scripts", "build.mjs")], { cwd: root, stdio: "inherit" });
};
