#!/usr/bin/env bash
# cdktf 0.21.0: Fn.jsonencode writes strings into a Terraform expression and does not escape their
# backslashes there. A backslash before n, r, t or another backslash changes the text without an
# error: CORP\nightly becomes "CORP", a line break and "ightly", and the regular expression for an
# account, CORP\\etl, loses its escape. Before other characters Terraform rejects the expression, as
# with \. in a pattern of versions.
# The definition of a cluster policy is JSON in a string and contains regular expressions and names
# of accounts; the function with the name of Terraform's own jsonencode is the obvious choice for
# it. In cdktf, use JSON.stringify, which keeps the text as it is.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2
cat >app.js <<'JS'
const { App, Fn, TerraformOutput, TerraformStack } = require("cdktf");
const values = { domain: "CORP\\nightly", account: "CORP\\\\etl", pattern: "15\\.4\\..*" };
const app = new App();
for (const [name, value] of Object.entries(values)) {
  const stack = new TerraformStack(app, name);
  const definition = { user_name: { type: "fixed", value } };
  new TerraformOutput(stack, "fn", { value: Fn.jsonencode(definition) });
}
const stack = new TerraformStack(app, "stringify");
for (const [name, value] of Object.entries(values))
  new TerraformOutput(stack, name, { value: JSON.stringify({ user_name: { type: "fixed", value } }) });
app.synth();
JS
node app.js
for stack in domain account pattern stringify; do
  (
    cd "cdktf.out/stacks/$stack"
    terraform init -input=false >/dev/null 2>&1 || true
    terraform apply -input=false -auto-approve -no-color >text 2>&1 || true
    terraform output -json
  ) >"$stack.json"
done
python3 - <<'PY'
import json, re, sys
text = {name: open(f"cdktf.out/stacks/{name}/text").read() for name in ("domain", "account", "pattern")}
fn = {}
for name in text:
    outputs = json.load(open(f"{name}.json"))
    error = re.search(r"Error: (.*)", text[name])
    fn[name] = json.loads(outputs["fn"]["value"])["user_name"]["value"] if outputs else error[1]
stringify = {name: json.loads(it["value"])["user_name"]["value"] for name, it in json.load(open("stringify.json")).items()}
for name in fn:
    print(f"{name}: JSON.stringify {stringify[name]!r}, Fn.jsonencode {fn[name]!r}")
as_seen = fn["domain"] == "CORP\nightly" and fn["account"] == "CORP\\etl" and "escape" in fn["pattern"]
sys.exit(0 if as_seen and (stringify["domain"], stringify["account"]) == ("CORP\\nightly", r"CORP\\etl") else 1)
PY
# Output seen:
#   domain: JSON.stringify 'CORP\\nightly', Fn.jsonencode 'CORP\nightly'
#   account: JSON.stringify 'CORP\\\\etl', Fn.jsonencode 'CORP\\etl'
#   pattern: JSON.stringify '15\\.4\\..*', Fn.jsonencode 'Invalid escape sequence'
