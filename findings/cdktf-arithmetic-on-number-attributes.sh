#!/usr/bin/env bash
# cdktf 0.21.0: a computed number attribute is a token, a very large negative float. Arithmetic on
# it compiles, runs and is silently wrong: "+ 1" vanishes in the float's rounding, so the plain
# reference is synthesized, and "* 2" synthesizes the literal -1.6e+299.
# TypeScript's types allow both. People size a job cluster or a timeout from another resource this
# way and deploy a different number.
# The alternative that works is Terraform's own arithmetic: Op.add(cluster.numWorkers, 1).
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'END'
const { App, TerraformStack, TerraformOutput, Op } = require("cdktf");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");
const { Cluster } = require("@cdktf/provider-databricks/lib/cluster");
const app = new App();
const stack = new TerraformStack(app, "etl");
new DatabricksProvider(stack, "databricks", {});
const cluster = new Cluster(stack, "shared", { sparkVersion: "15.4.x-scala2.12" });
new TerraformOutput(stack, "plus_one", { value: cluster.numWorkers + 1 });
new TerraformOutput(stack, "doubled", { value: cluster.numWorkers * 2 });
new TerraformOutput(stack, "correct", { value: Op.add(cluster.numWorkers, 1) });
app.synth();
END
node app.js
node -e '
  const { output } = JSON.parse(require("fs").readFileSync("cdktf.out/stacks/etl/cdk.tf.json", "utf8"));
  const reference = "${databricks_cluster.shared.num_workers}";
  console.log(`numWorkers + 1 -> ${output.plus_one.value}\nnumWorkers * 2 -> ${output.doubled.value}\nOp.add(…, 1)   -> ${output.correct.value}`);
  const asSeen = output.plus_one.value === reference && typeof output.doubled.value === "number" && output.doubled.value < -1e200;
  process.exit(asSeen && output.correct.value.includes("+ 1") ? 0 : 1);
'
# Output seen:
#   numWorkers + 1 -> ${databricks_cluster.shared.num_workers}
#   numWorkers * 2 -> -1.621912442518276e+299
#   Op.add(…, 1)   -> ${(databricks_cluster.shared.num_workers + 1)}
