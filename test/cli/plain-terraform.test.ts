import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { codeBlocks } from "../support/markdown";
import { makeFolder, makeHome, removeFolders, repository } from "../support/project";
import { lakeformFile as bin, shellWithLakeform } from "../support/shell";

const configuration = `
terraform {
  required_providers { databricks = { source = "databricks/databricks" } }
}
resource "databricks_secret_scope" "s" { name = "plain" }
resource "databricks_job" "etl" {
  for_each = toset(["a", "b"])
  name     = "etl-\${each.key}"
  tags     = { team = upper("data") }
}
# false where true is the default: not sent to the API, and not drift
resource "databricks_cluster" "c" {
  cluster_name  = "c"
  spark_version = "15.4.x-scala2.12"
  node_type_id  = "i3.xlarge"
  num_workers   = 1
  workload_type {
    clients {
      jobs      = false
      notebooks = true
    }
  }
}
`;

/**
 * A folder of plain HCL used with the local workspace, Terraform with the embedded provider, and
 * the verifier.
 */
describe("a plain Terraform project", () => {
  let root: string;
  let env: NodeJS.ProcessEnv;
  const shell = (script: string): string => shellWithLakeform(script, { cwd: root, env });

  beforeAll(() => {
    root = makeFolder("plain");
    fs.writeFileSync(path.join(root, "main.tf"), configuration);
    const page = codeBlocks(path.join(repository, "docs", "rest-guide", "terraform.md"));
    fs.writeFileSync(
      path.join(root, "guide.tf"),
      page.find(({ language }) => language === "hcl")?.code ?? "",
    );
    env = { PATH: process.env.PATH, HOME: makeHome(), CHECKPOINT_DISABLE: "1" };
    shell("lakeform workspace start --port 0 --detach");
  }, 60_000);

  afterAll(() => {
    shell("lakeform workspace stop");
    removeFolders();
  });

  test("is applied to the local workspace and verified, with the shell's own data folder", () => {
    const output = shell(`
      eval "$(lakeform env local)"
      terraform init -no-color -input=false > init.log
      terraform apply -no-color -input=false -auto-approve
      lakeform verify --dir .
      lakeform api POST /api/2.0/secrets/put --json '{"scope":"plain","key":"x","string_value":"v"}'
      lakeform verify --dir . || echo "exit code $?"
      cd / && lakeform verify --dir "$OLDPWD" --format json > "$OLDPWD/report.json" || true`);
    expect(output).toContain("Resources: 5 added, 0 changed, 0 destroyed");
    expect(output).toContain("the workspace matches the code: 5 match");
    expect(output).toMatch(/secret plain\/x[^]*exit code 2/);
    const report = JSON.parse(fs.readFileSync(path.join(root, "report.json"), "utf8")) as {
      counts: Record<string, number>;
    };
    expect(report.counts).toMatchObject({ match: 5, unmanaged: 1 });
  }, 60_000);

  test("shows a hint to initialize in a shell without its data folder", () => {
    const script = `eval "$("${process.execPath}" "${bin}" env local)"; unset TF_DATA_DIR; exec "${process.execPath}" "${bin}" verify --dir .`;
    const { status, stderr } = spawnSync("bash", ["-c", script], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^NOT_INITIALIZED/m);
  }, 60_000);

  test("cannot use an environment other than the local workspace", () => {
    const { status, stderr } = spawnSync(process.execPath, [bin, "env", "prod"], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^NO_PROJECT/m);
    expect(stderr).toContain("lakeform verify --dir FOLDER");
  });

  test("gets an error for a type that the embedded provider lacks; the error lists the supported types and how to use the official provider", () => {
    fs.writeFileSync(path.join(root, "other.tf"), 'resource "databricks_mws_networks" "d" {}\n');
    const script = `eval "$("${process.execPath}" "${bin}" env local)"; exec "${process.execPath}" "${bin}" verify --dir .`;
    const { status, stderr } = spawnSync("bash", ["-c", script], {
      cwd: root,
      env,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /databricks_mws_networks is not supported by lakeform's embedded provider, which supports .*\bjob\b.*unset TF_CLI_CONFIG_FILE/,
    );
  }, 60_000);
});
