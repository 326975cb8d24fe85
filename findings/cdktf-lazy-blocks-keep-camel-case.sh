#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: a block list given as Lazy.anyValue skips
# the bindings' conversion from camelCase to snake_case. The synthesized job has "taskKey" and
# "notebookTask". Synth succeeds; only Terraform rejects it, with a message about "taskKey",
# although the code spells it correctly. The type checker accepts the call, since Lazy.anyValue is
# typed as any IResolvable. People reach for Lazy to add tasks after construction;
# job.putTask([...]) does the conversion.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'END'
const { App, TerraformStack, Lazy } = require("cdktf");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");
const { Job } = require("@cdktf/provider-databricks/lib/job");
const app = new App();
const stack = new TerraformStack(app, "etl");
new DatabricksProvider(stack, "databricks", {});
const tasks = [{ taskKey: "ingest", notebookTask: { notebookPath: "/Shared/ingest" } }];
new Job(stack, "direct", { name: "direct", task: tasks });
new Job(stack, "lazy", { name: "lazy", task: Lazy.anyValue({ produce: () => tasks }) });
app.synth();
END
node app.js
node -e '
  const { resource } = JSON.parse(require("fs").readFileSync("cdktf.out/stacks/etl/cdk.tf.json", "utf8"));
  const keys = (job) => Object.keys(job.task[0]).sort().join();
  const { direct, lazy } = resource.databricks_job;
  console.log(`direct: ${keys(direct)}\nlazy:   ${keys(lazy)}`);
  process.exit(keys(direct) === "notebook_task,task_key" && keys(lazy) === "notebookTask,taskKey" ? 0 : 1);
'
# Output seen:
#   direct: notebook_task,task_key
#   lazy:   notebookTask,taskKey
