#!/usr/bin/env bash
# Terraform 1.11.4: the `id` of an import block is read only until the address is in the state.
# Afterwards, another id is accepted and ignored: the plan has no changes, -detailed-exitcode
# returns 0, no warning names the difference, and the resource keeps the object of the old id.
# A job that was recreated in the workspace has a new id. Changing the id in the import block, which
# stays in the code as its record, looks like the way to adopt the new job, and the plan agrees.
# From then on, every deploy changes the old one. Run `terraform state rm` first.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
configuration() {
  cat >main.tf <<HCL
import {
  to = terraform_data.job
  id = "$1"
}
resource "terraform_data" "job" {}
HCL
}
configuration 1001
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
configuration 2002
code=0
terraform plan -input=false -no-color -detailed-exitcode >output 2>&1 || code=$?
{
  echo "plan with another id: exit code $code, $(grep -o '^No changes' output)," \
    "$(grep -c 2002 output || true) lines with the new id"
  terraform apply -input=false -auto-approve >/dev/null
  echo "id after the apply: $(terraform state show -no-color terraform_data.job | grep -o '"[0-9]*"')"
} | tee found
diff found - <<'END_SEEN'
plan with another id: exit code 0, No changes, 0 lines with the new id
id after the apply: "1001"
END_SEEN
