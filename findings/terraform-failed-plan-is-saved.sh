#!/usr/bin/env bash
# Terraform 1.11.4: a plan that fails, here with a precondition, is nevertheless written to the file
# of -out. `terraform show -json` reads it with exit code 0 and returns the part that was planned
# before the error; the failed resource and everything that depends on it are missing. The plan has
# the usual format; `"errored": true` (with complete and applyable false) is the only difference.
# Pipelines that plan many Databricks stacks collect the plan files, also after failures, and create
# a review from them. That review is incomplete, without a hint. Terraform refuses to apply such a
# plan, but the person has already read and approved half of the changes. Check `errored` first.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "owner" {
  default = ""
}
resource "terraform_data" "cluster" {
  input = "shared"
}
resource "terraform_data" "job" {
  input = "nightly"
  lifecycle {
    precondition {
      condition     = var.owner != ""
      error_message = "the job needs an owner"
    }
  }
}
resource "terraform_data" "permissions" {
  input = "everyone may manage ${terraform_data.job.id}"
}
HCL
terraform init -input=false >/dev/null
code=0
terraform plan -input=false -out=saved >/dev/null 2>&1 || code=$?
shown=0
terraform show -json saved >plan.json || shown=$?
python3 - "$code" "$shown" <<'PY'
import json, sys
plan = json.load(open("plan.json"))
planned = {it["address"]: it["change"]["actions"] for it in plan["resource_changes"]}
print("plan: exit code", sys.argv[1], "| show: exit code", sys.argv[2])
print("declared 3, planned:", planned)
print({key: plan.get(key) for key in ("errored", "complete", "applyable")})
as_seen = planned == {"terraform_data.cluster": ["create"]} and plan["errored"] is True
sys.exit(0 if as_seen and sys.argv[1:] == ["1", "0"] else 1)
PY
# Output seen:
#   plan: exit code 1 | show: exit code 0
#   declared 3, planned: {'terraform_data.cluster': ['create']}
#   {'errored': True, 'complete': False, 'applyable': False}
