#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: with SYNTH_HCL_OUTPUT=true (`cdktf synth
# --hcl`) a string of several lines is written as a heredoc, whose value ends with a line break. In
# the JSON output of the same app it has none. @cdktf/hcl2json 0.21.0, which contains HashiCorp's
# parser, reads both here.
# The text of a query, a policy or a parameter differs by a character between the two outputs. A
# switch to HCL, which should change only the syntax, changes each of these resources, and a
# notebook that compares its parameter with == takes the other branch.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1 @cdktf/hcl2json@0.21.0
cat > app.js <<'JS'
const { readFileSync } = require("fs");
const { App, TerraformStack } = require("cdktf");
const { parse } = require("@cdktf/hcl2json");
const { Job } = require("@cdktf/provider-databricks/lib/job");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");

const synth = (hcl) => {
  process.env.SYNTH_HCL_OUTPUT = String(hcl);
  const app = new App();
  const stack = new TerraformStack(app, "etl");
  new DatabricksProvider(stack, "databricks");
  const baseParameters = { one: "SELECT 1", two: "SELECT 1\nFROM orders" };
  new Job(stack, "job", { task: [{ taskKey: "a", notebookTask: { notebookPath: "/a", baseParameters } }] });
  app.synth();
  return readFileSync(`cdktf.out/stacks/etl/cdk.tf${hcl ? "" : ".json"}`, "utf8");
};
const first = (value) => (Array.isArray(value) ? value[0] : value);
const parameters = (config) => {
  const task = first(first(config.resource.databricks_job.job).task);
  return JSON.stringify(first(task.notebook_task).base_parameters);
};
(async () => {
  const json = parameters(JSON.parse(synth(false)));
  const hcl = parameters(await parse("cdk.tf", synth(true)));
  console.log(`JSON: ${json}\nHCL:  ${hcl}`);
  const expected = String.raw`{"one":"SELECT 1","two":"SELECT 1\nFROM orders"}`;
  process.exit(json === expected && hcl === expected.replace('orders"', String.raw`orders\n"`) ? 0 : 1);
})();
JS
node app.js
# Output seen:
#   JSON: {"one":"SELECT 1","two":"SELECT 1\nFROM orders"}
#   HCL:  {"one":"SELECT 1","two":"SELECT 1\nFROM orders\n"}
