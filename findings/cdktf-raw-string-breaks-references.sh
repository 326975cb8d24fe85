#!/usr/bin/env bash
# cdktf 0.21.0 with Terraform 1.11.4: Fn.rawString inside of another function breaks references. The
# braces around a reference are lost, so Terraform reads it as text: the value contains
# $var.warehouse_id in place of the id. Synth, plan and apply succeed.
# Fn.base64encode and the other functions reject a string with double quotes, and their error
# message recommends Fn.rawString. Notebooks, init scripts and JSON for Databricks jobs contain
# quotes, and the ids of warehouses, clusters and other jobs: code that follows the message deploys
# a notebook that asks for the warehouse "$databricks_sql_endpoint.reports.id". Text without
# references is kept: use Fn.rawString for the parts, and Fn.join to put them together.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2
cat > app.js <<'JS'
const { App, Fn, TerraformOutput, TerraformStack, TerraformVariable } = require("cdktf");

const app = new App({ outdir: "out" });
const stack = new TerraformStack(app, "etl");
const { stringValue: id } = new TerraformVariable(stack, "warehouse_id", { type: "string" });
const encoded = (name, text) => new TerraformOutput(stack, name, { value: Fn.base64encode(text) });
let message;
try {
  encoded("quoted", `warehouse = "${id}"`);
} catch (error) {
  ({ message } = error);
}
console.log(message.split("\n").find((line) => line.startsWith("To safely use")));
encoded("raw", Fn.rawString(`warehouse = "${id}"`));
encoded("joined", Fn.join("", [Fn.rawString('warehouse = "'), id, Fn.rawString('"')]));
app.synth();
JS
node app.js | tee seen
cd out/stacks/etl
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve -var warehouse_id=8d3a5c >/dev/null
for name in raw joined; do echo "$name: $(terraform output -raw $name | base64 -d)"; done | tee -a ../../../seen
diff ../../../seen - <<'END_SEEN'
To safely use the value, use Fn.rawString on your string, like so:
raw: warehouse = "$var.warehouse_id"
joined: warehouse = "8d3a5c"
END_SEEN
