#!/usr/bin/env bash
# Terraform 1.11.4: `sensitive = true` on a variable whose value does not change is planned as an
# update of every resource that uses it. The summary counts it ("1 to change"), -detailed-exitcode
# returns 2, and the apply changes the resource, while `before` and `after` are equal in the JSON of
# the plan; only before_sensitive and after_sensitive differ.
# When a token or a host in the parameters of a Databricks job is marked later, all jobs that use it
# appear in the plan as changed, and a report that compares `before` with `after` prints updates
# without a changed field, or drops them and disagrees with the summary.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
write() { # write SENSITIVE
  cat >main.tf <<HCL
variable "database" {
  default   = "orders"
  sensitive = $1
}
resource "terraform_data" "job" {
  input = var.database
}
HCL
}
write false
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
write true
code=0
terraform plan -input=false -no-color -detailed-exitcode -out=saved >plan.txt || code=$?
terraform show -json saved >plan.json
terraform apply -input=false -no-color saved | grep '^Apply complete' >applied
python3 - "$code" "$(grep '^Plan:' plan.txt)" "$(cat applied)" <<'PY'
import json, sys
code, summary, applied = sys.argv[1:]
(change,) = (it["change"] for it in json.load(open("plan.json"))["resource_changes"])
equal = change["before"] == change["after"] and not any(change["after_unknown"].values())
sensitive = [change[f"{side}_sensitive"] for side in ("before", "after")]
print(f"{summary} Exit code {code}.\n{applied}")
print(f"actions: {change['actions']}, before and after are equal: {equal}")
print(f"sensitive: {sensitive[0]}, then {sensitive[1]}")
as_seen = change["actions"] == ["update"] and equal and sensitive == [{}, {"input": True}] and code == "2"
sys.exit(0 if as_seen and "1 to change" in summary and "1 changed" in applied else 1)
PY
# Output seen:
#   Plan: 0 to add, 1 to change, 0 to destroy. Exit code 2.
#   Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
#   actions: ['update'], before and after are equal: True
#   sensitive: {}, then {'input': True}
