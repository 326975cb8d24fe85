// npm test (fast), npm run test:long and npm run test:official: prepares the clone, and runs jest
// with the tier in LAKEFORM_TESTS. Other arguments are passed to jest.
import "./ensure.mjs";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const [tier = "fast", ...jestArguments] = process.argv.slice(2);
if (tier === "official") {
  const binary = process.env.TERRAFORM_PROVIDER_OFFICIAL;
  if (binary === undefined || binary === "") {
    console.error(`NOT RUN: states were not compared with the official provider's.
  fix:     TERRAFORM_PROVIDER_OFFICIAL=<the binary of databricks/databricks 1.99.0> npm run test:official`);
    process.exit(0);
  }
  if (!fs.existsSync(binary)) {
    console.error(
      `NO_PROVIDER: TERRAFORM_PROVIDER_OFFICIAL names a file that does not exist\n  given:   ${binary}`,
    );
    process.exit(1);
  }
}
const env = { ...process.env, LAKEFORM_TESTS: tier, LAKEFORM_BUILT: "1" };
// The machine's Terraform CLI configuration must not affect the tests. They set their own.
delete env.TF_CLI_CONFIG_FILE;
delete env.TF_PLUGIN_CACHE_DIR;
// For tests that start Terraform directly. As their stacks are small, Terraform may use more memory
// than lakeform allows it (src/terraform/go-memory.ts).
if (!env.GOGC && !env.GOMEMLIMIT)
  Object.assign(env, { GOGC: "400", GOMEMLIMIT: `${Math.floor(os.totalmem() / 4 / 2 ** 20)}MiB` });
// Reading extra CA certificates triples the start-up time of Node 20. Only npm needs them: all
// other tests use only this machine.
if (fs.existsSync(env.NODE_EXTRA_CA_CERTS ?? "")) {
  const authorities = path.join(root, "node_modules", ".cache", "lakeform-tests-ca.pem");
  fs.mkdirSync(path.dirname(authorities), { recursive: true });
  fs.writeFileSync(
    authorities,
    [...tls.rootCertificates, fs.readFileSync(env.NODE_EXTRA_CA_CERTS, "utf8")].join("\n"),
  );
  env.npm_config_cafile ??= authorities;
  delete env.NODE_EXTRA_CA_CERTS;
}
for (const name of Object.keys(env))
  if (name.startsWith("DATABRICKS_") || name.startsWith("TF_VAR_")) delete env[name];
const memoryFolder = makeMemoryFolder();
if (memoryFolder !== undefined) env.TMPDIR = memoryFolder;
const { status } = spawnSync(
  process.execPath,
  // Tests allocate many short-lived objects. A larger young generation saves 5% of CPU time. Jest
  // workers inherit the flag.
  [
    "--max-semi-space-size=64",
    path.join(root, "node_modules", "jest", "bin", "jest.js"),
    ...(jestArguments.some((word) => /^(-[iw]|--(runInBand|maxWorkers))/.test(word))
      ? []
      : tier === "official"
        ? ["--runInBand"]
        : // The tests wait for servers and for Terraform about half of the time.
          [`--maxWorkers=${Math.min(os.availableParallelism() + 1, 4)}`]),
    // A missing snapshot, of a renamed test for example, fails the test instead of being written.
    ...(jestArguments.some((word) => /^(-u|--updateSnapshot)$/.test(word)) ? [] : ["--ci"]),
    ...jestArguments,
  ],
  {
    cwd: root,
    env,
    stdio: "inherit",
  },
);
if (memoryFolder !== undefined) fs.rmSync(memoryFolder, { recursive: true, force: true });
process.exit(status ?? 1);

/**
 * Creates a folder in memory for temporary files: the tests create and remove thousands of small
 * ones, and on a disk they wait for its journal.
 * @returns undefined if TMPDIR is set, on other systems than Linux, or if there is little space
 */
function makeMemoryFolder() {
  const memory = "/dev/shm";
  if (process.env.TMPDIR || process.platform !== "linux" || !fs.existsSync(memory))
    return undefined;
  const prefix = "lakeform-tests-";
  // Remove the folders of runs that were killed.
  for (const name of fs.readdirSync(memory))
    if (name.startsWith(prefix) && !fs.existsSync(`/proc/${name.slice(prefix.length)}`))
      fs.rmSync(path.join(memory, name), { recursive: true, force: true });
  const { bavail, bsize } = fs.statfsSync(memory);
  const mounts = fs.readFileSync("/proc/mounts", "utf8").split("\n");
  const options = mounts.find((line) => line.split(" ")[1] === memory)?.split(" ")[3] ?? "noexec";
  // Containers often have 64 MB only. `noexec` would not let tests run programs from their folders.
  if (bavail * bsize < 2 * 2 ** 30 || options.split(",").includes("noexec")) return undefined;
  const folder = path.join(memory, `${prefix}${process.pid}`);
  fs.mkdirSync(folder, { mode: 0o700 });
  return folder;
}
