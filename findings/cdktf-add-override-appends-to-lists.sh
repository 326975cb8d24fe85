#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: addOverride with a list appends it to the
# list of the resource; with a string or number it replaces the value. An override of the recipients
# of a job's mails for a test environment synthesizes both: the production list is still mailed. The
# same override of `task` gives a job with all old tasks and the new ones.
# Both results are valid jobs, so no later step reports an error. To replace a list, use the
# construct's own method, such as putTask or putEmailNotifications.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'JS'
const { readFileSync } = require("fs");
const { App, TerraformStack } = require("cdktf");
const { Job } = require("@cdktf/provider-databricks/lib/job");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");

const app = new App();
const stack = new TerraformStack(app, "etl");
new DatabricksProvider(stack, "databricks");
const job = new Job(stack, "nightly", {
  name: "nightly",
  emailNotifications: { onFailure: ["on-call@example.com"] },
  task: [{ taskKey: "load" }],
});
job.addOverride("name", "nightly-test");
job.addOverride("email_notifications.on_failure", ["me@example.com"]);
job.addOverride("task", [{ task_key: "only" }]);
app.synth();
const found = JSON.parse(readFileSync("cdktf.out/stacks/etl/cdk.tf.json")).resource.databricks_job.nightly;
const seen = [found.name, found.email_notifications.on_failure.join(), found.task.map((it) => it.task_key).join()];
console.log(`name: ${seen[0]}\non_failure: ${seen[1]}\ntasks: ${seen[2]}`);
process.exit(seen.join(" ") === "nightly-test on-call@example.com,me@example.com load,only" ? 0 : 1);
JS
node app.js
# Output seen:
#   name: nightly-test
#   on_failure: on-call@example.com,me@example.com
#   tasks: load,only
