#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: TerraformIterator.fromList converts its list
# to a set. Terraform 1.11.4 iterates over a set in the order of the alphabet, and each value occurs
# once. The blocks of iterator.dynamic() therefore have another order than the list, without a
# warning.
# The order of some blocks in a Databricks job has a meaning: init scripts run one after the other,
# as they are listed. ["install.sh", "configure.sh"] is deployed as configure.sh, install.sh, which
# configures a program before it is installed. The list can be a variable, where a loop in
# TypeScript is no alternative. Put a number in front of the names, or write the dynamic block with
# addOverride and the list as its for_each.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'JS'
const { TerraformIterator, TerraformStack, Testing } = require("cdktf");
const { cluster } = require("@cdktf/provider-databricks");

const stack = new TerraformStack(Testing.app(), "etl");
const scripts = TerraformIterator.fromList(["/Shared/install.sh", "/Shared/configure.sh"]);
new cluster.Cluster(stack, "load", {
  sparkVersion: "16.4.x-scala2.12",
  numWorkers: 1,
  initScripts: scripts.dynamic({ workspace: { destination: scripts.value } }),
});
const { load } = JSON.parse(Testing.synth(stack)).resource.databricks_cluster;
console.log(load.dynamic.init_scripts.for_each.slice(2, -1));
JS
set_of_scripts=$(node app.js)
echo "for_each: $set_of_scripts"
order=$(echo "join(\", \", [for script in $set_of_scripts : script])" | terraform console)
echo "order: $order"
[ "$order" = '"/Shared/configure.sh, /Shared/install.sh"' ] || { echo "changed: the order is kept"; exit 1; }
# Output seen:
#   for_each: toset(["/Shared/install.sh", "/Shared/configure.sh"])
#   order: "/Shared/configure.sh, /Shared/install.sh"
