#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: what JavaScript does with an attribute of
# another resource, it does with a placeholder such as ${TfToken[TOKEN.0]}. Where the placeholder is
# still in the result, cdktf replaces it. Base64, encodeURIComponent and a shortened text contain
# none that it finds, so the placeholder itself is synthesized, without an error.
# contentBase64 of a notebook or a workspace file is base64, and
# Buffer.from(text).toString("base64") is how TypeScript makes it. A notebook that names the
# warehouse by its id is deployed with "${TfToken[TOKEN.0]}" in this place, and nobody reads base64
# in a plan. The same is true of an id in a URL. Encode with Fn.base64encode and Fn.urlencode.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'JS'
const { Fn, TerraformStack, Testing } = require("cdktf");
const { notebook, sqlEndpoint } = require("@cdktf/provider-databricks");

const stack = new TerraformStack(Testing.app(), "etl");
const warehouse = new sqlEndpoint.SqlEndpoint(stack, "reports", { name: "reports", clusterSize: "Small" });
const text = `warehouse = '${warehouse.id}'`;
const contents = {
  javascript: Buffer.from(text).toString("base64"),
  terraform: Fn.base64encode(text),
};
for (const [name, contentBase64] of Object.entries(contents)) {
  const path = `/Shared/${name}/${encodeURIComponent(warehouse.id)}`;
  new notebook.Notebook(stack, name, { path, language: "PYTHON", contentBase64 });
}
const { javascript, terraform } = JSON.parse(Testing.synth(stack)).resource.databricks_notebook;
const seen = {
  "in JavaScript's base64": Buffer.from(javascript.content_base64, "base64").toString(),
  "in Fn.base64encode": terraform.content_base64,
  "in a URL": decodeURIComponent(javascript.path.split("/").pop()),
};
for (const [name, value] of Object.entries(seen)) console.log(`${name}: ${value}`);
const same = /^warehouse = '\$\{TfToken\[TOKEN\.\d+\]\}'$/.test(seen["in JavaScript's base64"]) &&
  terraform.content_base64 === `\${base64encode("warehouse = '\${databricks_sql_endpoint.reports.id}'")}` &&
  /^\$\{TfToken\[TOKEN\.\d+\]\}$/.test(seen["in a URL"]);
process.exit(same ? 0 : 1);
JS
node app.js
# Output seen:
#   in JavaScript's base64: warehouse = '${TfToken[TOKEN.0]}'
#   in Fn.base64encode: ${base64encode("warehouse = '${databricks_sql_endpoint.reports.id}'")}
#   in a URL: ${TfToken[TOKEN.2]}
