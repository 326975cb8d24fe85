// Prepares a clone: checks that Node is new enough and that Terraform or OpenTofu runs, runs
// `npm ci` when node_modules is missing or older than the lock file, and builds. Imports no
// package, as none may be installed yet.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const minimumVersion = [20, 18, 1];

function fail(code, message, fix) {
  console.error(`${code}: ${message}\n  fix:     ${fix}`);
  process.exit(1);
}

const version = process.versions.node.split(".").map(Number);
const isOlder = version.some(
  (part, i) =>
    part < minimumVersion[i] &&
    version.slice(0, i).every((before, j) => before === minimumVersion[j]),
);
if (isOlder)
  fail(
    "NODE_TOO_OLD",
    `Node ${version.join(".")} is too old; ${minimumVersion.join(".")} or newer is needed`,
    "install a current Node LTS (https://nodejs.org)",
  );

const givenEngine = process.env.TERRAFORM_BINARY_NAME || undefined;
const engines = givenEngine === undefined ? ["terraform", "tofu"] : [givenEngine];
if (!engines.some(canRun)) {
  fail(
    "NO_ENGINE",
    givenEngine === undefined
      ? "found neither Terraform nor OpenTofu on the PATH"
      : `TERRAFORM_BINARY_NAME is ${givenEngine}, which does not run`,
    "install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu (https://opentofu.org/docs/intro/install), or set TERRAFORM_BINARY_NAME",
  );
}

const lock = path.join(root, "package-lock.json");
const installed = path.join(root, "node_modules", ".package-lock.json");
if (!fs.existsSync(installed) || fs.statSync(installed).mtimeMs < fs.statSync(lock).mtimeMs) {
  console.error("installing the dependencies (npm ci) ...");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0)
    fail(
      "INSTALL_FAILED",
      `npm ci ended with ${status}`,
      "see the output of npm above; it needs access to the npm registry",
    );
  fs.utimesSync(installed, new Date(), new Date());
}
execFileSync(process.execPath, [path.join(root, "scripts", "build.mjs")], {
  cwd: root,
  stdio: ["ignore", 2, 2],
});

/** Whether a binary prints its version. */
function canRun(name) {
  return (
    spawnSync(name, ["version"], {
      stdio: "ignore",
      env: { ...process.env, TF_CLI_CONFIG_FILE: "/dev/null", CHECKPOINT_DISABLE: "1" },
    }).status === 0
  );
}
