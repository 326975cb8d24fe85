import { execFile, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { serve } from "./http-client";

const run = promisify(execFile);

it("the official Python SDK calls the workspace, and its waiters see the end of the work", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-python-"));
  const venv = path.join(folder, "venv");
  // Without venv, pip might change the packages of the machine.
  const venvResult = spawnSync("python3", ["-m", "venv", venv], { encoding: "utf8" });
  if (venvResult.status !== 0) {
    console.warn(
      `\n*** SKIPPED, NOT PASSED: no Python with venv on this machine, so the official Python SDK was not tested ***\n${venvResult.stderr}`,
    );
    return;
  }
  const python = path.join(venv, "bin", "python");
  await run(
    python,
    ["-m", "pip", "install", "-q", "--disable-pip-version-check", "databricks-sdk"],
    { timeout: 300_000 },
  );
  const { workspace, api } = await serve();
  // The SDK's waiters poll at once and then sleep for seconds. With these timings, only the waiters
  // of runs sleep.
  await api("PUT", "/_lakeform/timing", {
    cluster_start_ms: 0,
    cluster_stop_ms: 0,
    warehouse_start_ms: 0,
    library_install_ms: 0,
  });
  try {
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      DATABRICKS_HOST: workspace.host,
      DATABRICKS_TOKEN: workspace.token,
    };
    const { stdout } = await run(python, [path.join(__dirname, "python_sdk.py")], {
      env,
      timeout: 300_000,
    });
    expect(stdout.trim()).toBe("ok");
  } finally {
    await workspace.close();
    fs.rmSync(folder, { recursive: true });
  }
});
