import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { installProviderMirror } from "../../src/terraform/provider-mirror";
import { providerEnvironment } from "../../src/terraform/run";
import type { Scenario } from "../scenario";
import { makeVerifyLab, removeVerifyLab, runVerify, type VerifyLab } from "../verify-lab";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "400");

/** Measures `terraform plan -refresh-only` with the embedded provider. */
function measureRefreshOnly(lab: VerifyLab): Readonly<Record<string, number>> {
  // Terraform runs in a copy, because the app copies `built`, which must not contain Terraform's
  // working files.
  const directory = path.join(lab.root, "terraform");
  if (!fs.existsSync(directory))
    fs.cpSync(path.join(lab.root, "built", "stacks", lab.stacks[0] ?? ""), directory, {
      recursive: true,
    });
  const env = {
    ...process.env,
    ...providerEnvironment(installProviderMirror(path.join(lab.root, ".lakeform"))),
    DATABRICKS_HOST: lab.server.host,
    DATABRICKS_TOKEN: lab.server.token,
    CHECKPOINT_DISABLE: "1",
  };
  const terraform = (...words: string[]): void => {
    const { status, stderr, error } = spawnSync("terraform", words, {
      cwd: directory,
      env,
      encoding: "utf8",
      maxBuffer: 1e9,
    });
    if (error !== undefined) throw error;
    if (status !== 0)
      throw new Error(
        `terraform ${words.join(" ")} exited with ${String(status)}: ${stderr.slice(0, 2000)}`,
      );
  };
  if (!fs.existsSync(path.join(directory, ".terraform.lock.hcl")))
    terraform("init", "-input=false");
  const started = performance.now();
  terraform("plan", "-refresh-only", "-input=false", "-no-color");
  return { seconds: (performance.now() - started) / 1000 };
}

export const scenario: Scenario<VerifyLab> = {
  title: `${jobs} jobs of 10 tasks, nothing changed: lakeform verify against terraform plan -refresh-only`,
  baseline: "terraform plan -refresh-only",
  warmup: 1,
  repeats: Number(process.env.LAKEFORM_BENCH_REPEATS ?? "3"),
  setup: () => makeVerifyLab(1, jobs),
  teardown: removeVerifyLab,
  variants: [
    {
      name: "terraform plan -refresh-only",
      run: (lab) => Promise.resolve(measureRefreshOnly(lab)),
    },
    // Uses the results that the previous run remembered.
    { name: "lakeform verify", run: (lab) => Promise.resolve(runVerify(lab)) },
    {
      name: "lakeform verify, nothing remembered",
      run: (lab) => {
        fs.rmSync(path.join(lab.root, ".lakeform", "verified"), { recursive: true, force: true });
        return Promise.resolve(runVerify(lab));
      },
    },
    { name: "lakeform verify --deep", run: (lab) => Promise.resolve(runVerify(lab, ["--deep"])) },
  ],
};
