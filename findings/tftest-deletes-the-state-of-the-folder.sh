#!/usr/bin/env bash
# tftest 1.8.8 (Python) with Terraform 1.11.4: TerraformTest(folder), setup() and plan() on a folder
# with a local state delete terraform.tfstate at the end, when the object is released. The test
# applies nothing, and prints no warning. The option cleanup_on_exit of setup() has the default True
# and means the folder's .terraform and terraform.tfstate, also if they were there before the test.
# A team that keeps its Databricks jobs with a local state and adds a test of the plan to the same
# folder loses the state with the first pytest: the next apply creates every job a second time, both
# with a schedule. Pass cleanup_on_exit=False, or test a copy.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install --quiet tftest==1.8.8
mkdir jobs
echo 'resource "terraform_data" "job" { input = "nightly" }' >jobs/main.tf
terraform -chdir=jobs init -input=false >/dev/null
terraform -chdir=jobs apply -input=false -auto-approve >/dev/null
echo "before the test: $(terraform -chdir=jobs state list)"
cat >plan.py <<'PY'
import tftest
jobs = tftest.TerraformTest("jobs")
jobs.setup()
plan = jobs.plan(output=True)
print("test: the plan has", {name: it["change"]["actions"] for name, it in plan.resource_changes.items()})
PY
v/bin/python plan.py
left=$(cd jobs && echo *)
echo "files after the test: $left"
terraform -chdir=jobs init -input=false >/dev/null
plan=$(terraform -chdir=jobs plan -input=false -no-color | grep '^Plan:' || true)
echo "next plan: ${plan:-no changes}"
[[ $left = main.tf && $plan = "Plan: 1 to add,"* ]] || { echo "changed: the state is kept"; exit 1; }
# Output seen:
#   before the test: terraform_data.job
#   test: the plan has {'terraform_data.job': ['no-op']}
#   files after the test: main.tf
#   next plan: Plan: 1 to add, 0 to change, 0 to destroy.
