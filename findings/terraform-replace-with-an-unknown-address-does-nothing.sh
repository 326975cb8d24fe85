#!/usr/bin/env bash
# Terraform 1.11.4: `plan -replace=ADDRESS` and `apply -replace=ADDRESS` accept an address that no
# resource has. The plan has no changes, without a warning; the exit code is 0, as it is with
# -detailed-exitcode. `terraform taint`, which the option replaced, fails for the same address.
# Runbooks recreate a broken cluster, job or token with `apply -replace`. In cdktf, the address
# contains a hash of the construct's path: after a construct has moved to another parent, the
# command of the runbook succeeds and replaces nothing. Look for "1 to add, 0 to change, 1 to
# destroy", or for exit code 2 of a plan.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo 'resource "terraform_data" "nightly_job_5F0C2A11" {}' >main.tf
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
for address in terraform_data.nightly_job_5F0C2A11 terraform_data.nightly_job_93D1B7E4; do
  code=0
  terraform plan -input=false -no-color -detailed-exitcode -replace="$address" >output 2>&1 || code=$?
  echo "plan -replace=$address: $(grep -Ec 'Warning|Error' output || true) warnings, exit code $code," \
    "$(grep -oE '^(Plan:|No changes).*' output)"
done | tee found
code=0
terraform taint terraform_data.nightly_job_93D1B7E4 >output 2>&1 || code=$?
echo "taint: exit code $code" | tee -a found
diff found - <<'END_SEEN'
plan -replace=terraform_data.nightly_job_5F0C2A11: 0 warnings, exit code 2, Plan: 1 to add, 0 to change, 1 to destroy.
plan -replace=terraform_data.nightly_job_93D1B7E4: 0 warnings, exit code 0, No changes. Your infrastructure matches the configuration.
taint: exit code 1
END_SEEN
