#!/usr/bin/env bash
# cdktf 0.21.0: characters that a Terraform name does not allow are removed from a construct's id,
# and nothing checks that the rest is still unique. Two notebooks with the ids "load.orders" and
# "load orders" become one resource "loadorders": the first one is missing from the synthesized
# stack.
# No error, no warning, exit code 0. In a stack of jobs the lost one is not deployed; if it was
# deployed before, the next plan destroys or renames it.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'END'
const { App, TerraformStack } = require("cdktf");
const { DatabricksProvider } = require("@cdktf/provider-databricks/lib/provider");
const { Notebook } = require("@cdktf/provider-databricks/lib/notebook");
const app = new App();
const stack = new TerraformStack(app, "etl");
new DatabricksProvider(stack, "databricks", {});
new Notebook(stack, "load.orders", { path: "/Shared/load_orders_daily", contentBase64: "MQ==" });
new Notebook(stack, "load orders", { path: "/Shared/load_orders_hourly", contentBase64: "MQ==" });
app.synth();
END
node app.js
node -e '
  const { resource } = JSON.parse(require("fs").readFileSync("cdktf.out/stacks/etl/cdk.tf.json", "utf8"));
  const notebooks = Object.values(resource.databricks_notebook).map(({ path }) => path);
  console.log(`2 notebooks declared, ${notebooks.length} synthesized: ${notebooks}`);
  process.exit(notebooks.length === 1 && notebooks[0] === "/Shared/load_orders_hourly" ? 0 : 1);
'
# Output seen: 2 notebooks declared, 1 synthesized: /Shared/load_orders_hourly
