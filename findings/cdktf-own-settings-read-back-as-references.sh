#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: reading a property of a resource returns a
# reference to the deployed attribute, also if the code has set the property. job.name is a
# placeholder in place of "load", and job.maxConcurrentRuns a large negative number in place of 5.
# The values that were set are in job.nameInput and job.maxConcurrentRunsInput.
# Rules for all jobs of a stack are written as aspects. One that rejects parallel runs with
# `job.maxConcurrentRuns > 1` compiles and never rejects a job, and one that selects jobs by their
# name selects none. The rule seems to work, since the stack synthesizes without errors.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent --no-audit --no-fund cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1 >/dev/null
cat >app.js <<'JS'
const { Annotations, App, Aspects, TerraformStack } = require("cdktf");
const { Job } = require("@cdktf/provider-databricks/lib/job");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");

function errorsOfRule(isForbidden) {
  const app = new App({ outdir: "out" });
  const stack = new TerraformStack(app, "jobs");
  new DatabricksProvider(stack, "databricks");
  new Job(stack, "load", { name: "load", maxConcurrentRuns: 5 });
  Aspects.of(stack).add({
    visit(node) {
      if (node instanceof Job && isForbidden(node)) Annotations.of(node).addError("parallel runs");
    },
  });
  try {
    app.synth();
    return "no error";
  } catch (error) {
    return error.message.match(/parallel runs/)[0];
  }
}
console.log("maxConcurrentRuns > 1:", errorsOfRule((job) => job.maxConcurrentRuns > 1));
console.log("maxConcurrentRunsInput > 1:", errorsOfRule((job) => job.maxConcurrentRunsInput > 1));
console.log('name === "load":', errorsOfRule((job) => job.name === "load"));
console.log('nameInput === "load":', errorsOfRule((job) => job.nameInput === "load"));
JS
node app.js | tee found
diff found - <<'END_SEEN'
maxConcurrentRuns > 1: no error
maxConcurrentRunsInput > 1: parallel runs
name === "load": no error
nameInput === "load": parallel runs
END_SEEN
