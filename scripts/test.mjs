// npm test (fast) and npm run test:long: jest with the tier in the environment; further words go to jest.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const [tier = "fast", ...rest] = process.argv.slice(2);
const env = { ...process.env, LAKEFORM_TESTS: tier };
// A CLI configuration of the machine must not leak into the tests; each of them sets its own.
delete env.TF_CLI_CONFIG_FILE;
delete env.TF_PLUGIN_CACHE_DIR;
for (const name of Object.keys(env)) if (name.startsWith("DATABRICKS_") || name.startsWith("TF_VAR_")) delete env[name];
const { status } = spawnSync(
  process.execPath,
  [path.join(root, "node_modules", "jest", "bin", "jest.js"), ...(tier === "long" ? ["--runInBand"] : ["--maxWorkers=2"]), ...rest],
  {
    cwd: root,
    env,
    stdio: "inherit",
  },
);
process.exit(status ?? 1);
