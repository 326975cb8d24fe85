#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: JSON.stringify works on attributes of other
# resources if they are strings or numbers, because their tokens are found again in the text. For a
# boolean it writes the text "<unresolved-token>", for a map of strings a key {TfToken[TOKEN.0]}
# with the value "String Map Token Value". Synth reports no error, and both are valid JSON.
# Jobs take JSON as text in many places: base parameters, the definition of a cluster policy, the
# body of a webhook. One boolean or map in it deploys the placeholder. Fn.jsonencode resolves all of
# them.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'JS'
const { readFileSync } = require("fs");
const { App, Fn, TerraformStack } = require("cdktf");
const { ClusterPolicy } = require("@cdktf/provider-databricks/lib/cluster-policy");
const { Job } = require("@cdktf/provider-databricks/lib/job");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");

const app = new App();
const stack = new TerraformStack(app, "etl");
new DatabricksProvider(stack, "databricks");
const job = new Job(stack, "job", { name: "etl" });
const values = { name: job.name, runs: job.maxConcurrentRuns, running: job.alwaysRunning, tags: job.tags };
for (const [name, value] of Object.entries(values)) {
  new ClusterPolicy(stack, `stringify-${name}`, { definition: JSON.stringify({ value }) });
  new ClusterPolicy(stack, `fn-${name}`, { definition: Fn.jsonencode({ value }) });
}
app.synth();
const policies = JSON.parse(readFileSync("cdktf.out/stacks/etl/cdk.tf.json")).resource.databricks_cluster_policy;
const seen = Object.entries(policies).map(([name, policy]) => `${name}: ${policy.definition}`);
console.log(seen.join("\n"));
const text = seen.join("\n").replace(/TOKEN\.\d+/g, "TOKEN.N");
const expected = [
  'stringify-name: {"value":"${databricks_job.job.name}"}',
  'fn-name: ${jsonencode({"value" = databricks_job.job.name})}',
  'stringify-runs: {"value":${databricks_job.job.max_concurrent_runs}}',
  'fn-runs: ${jsonencode({"value" = databricks_job.job.max_concurrent_runs})}',
  'stringify-running: {"value":"<unresolved-token>"}',
  'fn-running: ${jsonencode({"value" = databricks_job.job.always_running})}',
  'stringify-tags: {"value":{"&{TfToken[TOKEN.N]}":"String Map Token Value"}}',
  'fn-tags: ${jsonencode({"value" = databricks_job.job.tags})}',
];
process.exit([...text.split("\n")].sort().join("\n") === expected.sort().join("\n") ? 0 : 1);
JS
node app.js
# Output seen:
#   fn-name: ${jsonencode({"value" = databricks_job.job.name})}
#   fn-running: ${jsonencode({"value" = databricks_job.job.always_running})}
#   fn-runs: ${jsonencode({"value" = databricks_job.job.max_concurrent_runs})}
#   fn-tags: ${jsonencode({"value" = databricks_job.job.tags})}
#   stringify-name: {"value":"${databricks_job.job.name}"}
#   stringify-running: {"value":"<unresolved-token>"}
#   stringify-runs: {"value":${databricks_job.job.max_concurrent_runs}}
#   stringify-tags: {"value":{"&{TfToken[TOKEN.2]}":"String Map Token Value"}}
