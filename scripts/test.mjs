// npm test (fast), npm run test:long and npm run test:official: jest with the tier in the
// environment; further words go to jest.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const [tier = "fast", ...rest] = process.argv.slice(2);
if (tier === "official") {
  const binary = process.env.TERRAFORM_PROVIDER_OFFICIAL;
  if (binary === undefined || binary === "") {
    console.error(`NOT RUN: states were not compared with the official provider's.
  fix:     TERRAFORM_PROVIDER_OFFICIAL=<the binary of databricks/databricks 1.99.0> npm run test:official`);
    process.exit(0);
  }
  if (!fs.existsSync(binary)) {
    console.error(
      `NO_PROVIDER: TERRAFORM_PROVIDER_OFFICIAL names a file that is not there\n  given:   ${binary}`,
    );
    process.exit(1);
  }
}
const env = { ...process.env, LAKEFORM_TESTS: tier };
// A CLI configuration of the machine must not leak into the tests; each of them sets its own.
delete env.TF_CLI_CONFIG_FILE;
delete env.TF_PLUGIN_CACHE_DIR;
// For the tests that start Terraform themselves. Their stacks are small: more memory than lakeform
// gives it (src/terraform/go-memory.ts) costs nothing.
if (!env.GOGC && !env.GOMEMLIMIT)
  Object.assign(env, { GOGC: "400", GOMEMLIMIT: `${Math.floor(os.totalmem() / 4 / 2 ** 20)}MiB` });
// Node 20 reads more authorities at each start, which takes three times as long as the start
// itself. Only npm needs them: no other test leaves the machine.
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
const { status } = spawnSync(
  process.execPath,
  // Tests make much that is short-lived: a larger young generation saves a twentieth of their
  // processor time. Workers inherit the flag.
  [
    "--max-semi-space-size=64",
    path.join(root, "node_modules", "jest", "bin", "jest.js"),
    ...(rest.some((word) => /^(-[iw]|--(runInBand|maxWorkers))/.test(word))
      ? []
      : tier === "official"
        ? ["--runInBand"]
        : ["--maxWorkers=2"]),
    // A snapshot that is missing, of a renamed test for example, fails instead of being written.
    ...(rest.some((word) => /^(-u|--updateSnapshot)$/.test(word)) ? [] : ["--ci"]),
    ...rest,
  ],
  {
    cwd: root,
    env,
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
