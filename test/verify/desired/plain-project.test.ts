import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { main } from "../../../src/cli/main";
import { installProviderMirror } from "../../../src/terraform/provider-mirror";
import type { VerifyReport } from "../../../src/verify";
import { makeFolder, removeFolders, repository } from "../../support/project";
import { openLab, summary, type Lab } from "../harness";

const hcl = `
terraform {
  required_providers {
    databricks = { source = "databricks/databricks", version = "1.99.0" }
  }
}
provider "databricks" {}
variable "token" {
  type      = string
  sensitive = true
}
locals { folder = "/Shared/plain" }
resource "databricks_notebook" "this" {
  for_each       = toset(["a", "b"])
  path           = "\${local.folder}/\${each.key}"
  language       = "PYTHON"
  content_base64 = base64encode("# \${each.key}")
}
resource "databricks_secret_scope" "s" { name = "plain" }
resource "databricks_secret" "k" {
  scope        = databricks_secret_scope.s.name
  key          = "k"
  string_value = var.token
}
resource "databricks_job" "etl" {
  name = "etl"
  dynamic "task" {
    for_each = databricks_notebook.this
    content {
      task_key = task.key
      notebook_task { notebook_path = task.value.path }
    }
  }
}
resource "databricks_job" "fixed" {
  name = "fixed"
  task {
    task_key = "a"
    run_if   = "ALL_DONE"
    notebook_task { notebook_path = "/Shared/a" }
  }
  task {
    task_key         = "c"
    retry_on_timeout = null
    job_cluster_key  = "c"
    notebook_task { notebook_path = databricks_notebook.this["a"].path }
  }
  job_cluster {
    job_cluster_key = "c"
    new_cluster {
      spark_version = "15.4.x-scala2.12"
      node_type_id  = "i3.xlarge"
      num_workers   = 1
    }
  }
}
resource "databricks_job" "dynamic" {
  name = "dynamic"
  dynamic "task" {
    for_each = ["a", "c"]
    content {
      task_key         = task.value
      run_if           = task.value == "a" ? "ALL_DONE" : null
      job_cluster_key  = "c"
      notebook_task { notebook_path = "/Shared/\${task.value}" }
    }
  }
  dynamic "job_cluster" {
    for_each = ["c"]
    content {
      job_cluster_key = job_cluster.value
      new_cluster {
        spark_version = "15.4.x-scala2.12"
        node_type_id  = "i3.xlarge"
        num_workers   = 1
      }
    }
  }
}
`;

let lab: Lab;
let env: NodeJS.ProcessEnv;
const folder = makeFolder("plain");

async function verifyFolder(): Promise<{ code: number; report: VerifyReport; output: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await main(["verify", "--dir", folder, "--format", "json"], {
    stdout,
    stderr,
    env,
    cwd: folder,
  });
  const output = String(stdout.read() ?? "");
  if (code === 1) throw new Error(String(stderr.read() ?? "") + output);
  return { code, report: JSON.parse(output) as VerifyReport, output };
}

beforeAll(async () => {
  lab = await openLab();
  const mirror = installProviderMirror(
    path.join(folder, ".lakeform"),
    path.join(repository, "dist", "provider.js"),
  );
  env = {
    ...process.env,
    TF_CLI_CONFIG_FILE: mirror.cliConfigFile,
    LAKEFORM_PROVIDER_ENTRY: mirror.entry,
    DATABRICKS_HOST: lab.workspace.host,
    DATABRICKS_TOKEN: lab.workspace.token,
    TF_VAR_token: "canary-plain-1",
    CHECKPOINT_DISABLE: "1",
  };
  delete env.TF_PLUGIN_CACHE_DIR;
  fs.writeFileSync(path.join(folder, "main.tf"), hcl);
  for (const args of [
    ["init", "-input=false"],
    ["apply", "-auto-approve", "-input=false"],
  ]) {
    // Asynchronous, since this process serves the workspace.
    await promisify(execFile)("terraform", args, { cwd: folder, env });
  }
}, 120_000);
afterAll(async () => {
  await lab.close();
  removeFolders();
});

test("a project in HCL is clean after apply; after changes, the report has drift, missing and pending resources by address, without secrets", async () => {
  const clean = await verifyFolder();
  expect([clean.code, summary(clean.report)]).toEqual([0, []]);
  expect(clean.report.counts.match).toBe(7);

  const job = clean.report.resources.find(({ address }) => address === "databricks_job.etl");
  await lab.client.post("/api/2.2/jobs/update", {
    job_id: Number(job?.id),
    new_settings: { description: "by hand" },
  });
  await lab.client.post("/api/2.0/workspace/delete", { path: "/Shared/plain/b" });
  await lab.client.post("/api/2.0/secrets/put", {
    scope: "plain",
    key: "k",
    string_value: "canary-plain-2",
  });
  fs.appendFileSync(
    path.join(folder, "main.tf"),
    'resource "databricks_directory" "d" { path = "/Shared/next" }\n',
  );
  const { code, report, output } = await verifyFolder();
  expect(code).toBe(2);
  expect(summary(report)).toEqual([
    "drift databricks_job.etl description",
    "drift databricks_secret.k string_value",
    'missing databricks_notebook.this["b"]',
    "pending databricks_directory.d",
  ]);
  expect(output).not.toContain("canary-plain");
  expect(fs.readdirSync(folder).filter((name) => name.endsWith(".tfplan"))).toEqual([]);
}, 120_000);

/**
 * Writes values into a job, in the state and in the workspace, that the official provider would leave
 * there after an earlier task and cluster were removed, because it plans by position.
 */
async function writeInheritedValues(name: string): Promise<void> {
  const file = path.join(folder, "terraform.tfstate");
  const state = JSON.parse(fs.readFileSync(file, "utf8")) as {
    serial: number;
    resources: { name: string; instances: { attributes: Record<string, never> }[] }[];
  };
  const attributes = state.resources.find((resource) => resource.name === name)?.instances[0]
    ?.attributes as unknown as {
    id: string;
    task: Record<string, unknown>[];
    job_cluster: { new_cluster: Record<string, unknown>[] }[];
  };
  const profile = { instance_profile_arn: "arn:aws:iam::123456789012:instance-profile/writer" };
  Object.assign(attributes.task[1] ?? {}, { run_if: "ALL_FAILED", retry_on_timeout: true });
  Object.assign(attributes.job_cluster[0]?.new_cluster[0] ?? {}, { aws_attributes: [profile] });
  state.serial += 1;
  fs.writeFileSync(file, JSON.stringify(state));
  const job = (await lab.client.get("/api/2.2/jobs/get", { query: { job_id: attributes.id } })) as {
    settings: { tasks: object[]; job_clusters: { new_cluster: object }[] };
  };
  Object.assign(job.settings.tasks[1] ?? {}, { run_if: "ALL_FAILED", retry_on_timeout: true });
  Object.assign(job.settings.job_clusters[0]?.new_cluster ?? {}, { aws_attributes: profile });
  await lab.client.post("/api/2.2/jobs/reset", {
    job_id: Number(attributes.id),
    new_settings: job.settings,
  });
}

test("values that a task or cluster inherited by position are reported in blocks and in dynamic blocks, although the plan no longer shows them", async () => {
  await writeInheritedValues("fixed");
  await writeInheritedValues("dynamic");
  const { report } = await verifyFolder();
  const inherited = report.resources.flatMap(({ address, findings }) =>
    findings
      .filter(({ reason }) => reason.startsWith("inherited value: not set in the code"))
      .map(({ path: field }) => `${address} ${field}`),
  );
  expect(inherited.toSorted()).toEqual(
    ["dynamic", "fixed"].flatMap((name) =>
      [
        "job_cluster[c].new_cluster.aws_attributes.instance_profile_arn",
        "task[c].retry_on_timeout",
        "task[c].run_if",
      ].map((field) => `databricks_job.${name} ${field}`),
    ),
  );
  expect(fs.readdirSync(folder).filter((name) => name.startsWith(".lakeform-"))).toEqual([]);
}, 120_000);
