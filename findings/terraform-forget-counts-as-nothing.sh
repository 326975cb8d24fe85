#!/usr/bin/env bash
# Terraform 1.11.4: a resource that leaves the state through `removed { lifecycle { destroy = false
# } }` is missing from every count: the summary says 0 to add, 0 to change, 0 to destroy, and so
# does the change_summary of `plan -json`. The apply reports the same zeros. Only the JSON of the
# saved plan contains it, with a separate action: "forget", next to create, update and delete.
# A Databricks job that is forgotten keeps its schedule and its costs, and is no longer described by
# code. Reviews and gates that read the counts, or look for "delete", report an empty plan: treat
# "forget" as a deletion, or use `-detailed-exitcode`, which returns 2.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo 'resource "terraform_data" "job" { input = "nightly" }' >main.tf
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
cat >main.tf <<'HCL'
removed {
  from = terraform_data.job
  lifecycle {
    destroy = false
  }
}
HCL
code=0
terraform plan -input=false -detailed-exitcode -json -out=saved >lines || code=$?
terraform show -json saved >plan.json
terraform apply -input=false -no-color saved | grep '^Apply complete' >applied
python3 - "$code" "$(cat applied)" "$(terraform state list)" <<'PY'
import json, sys
code, applied, left = sys.argv[1:]
(counts,) = (line["changes"] for line in map(json.loads, open("lines")) if line["type"] == "change_summary")
(change,) = json.load(open("plan.json"))["resource_changes"]
print("counts: ", counts)
print("plan:   ", change["address"], change["change"]["actions"], "exit code", code)
print("apply:  ", applied)
print("state:  ", left or "empty")
zeros = [counts[kind] for kind in ("add", "change", "remove")] == [0, 0, 0]
as_seen = zeros and change["change"]["actions"] == ["forget"] and code == "2" and not left
sys.exit(0 if as_seen and "0 added, 0 changed, 0 destroyed" in applied else 1)
PY
# Output seen:
#   counts:  {'add': 0, 'change': 0, 'import': 0, 'remove': 0, 'operation': 'plan'}
#   plan:    terraform_data.job ['forget'] exit code 2
#   apply:   Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
#   state:   empty
