#!/usr/bin/env bash
# Terraform 1.11.4: the value that `condition ? a : b` returns depends on the branch that is not
# taken. If the branches are objects with different attributes, Terraform converts the taken one
# to a map, whose values have one type: next to a text, numbers and booleans become texts. With
# null as the other branch, nothing is converted. There is no warning.
# The definition of a cluster policy, job parameters and request bodies are built this way:
# jsonencode(var.limited ? { type = "range", maxValue = 8 } : {}) writes "maxValue":"8", so the
# limit is text in every environment that has one. Put jsonencode into both branches, or use null.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "limited" {
  default = true
}
locals {
  limit = { type = "range", maxValue = 8, hidden = false }
}
output "alone" {
  value = jsonencode(local.limit)
}
output "or_null" {
  value = jsonencode(var.limited ? local.limit : null)
}
output "or_empty" {
  value = jsonencode(var.limited ? local.limit : {})
}
output "or_other" {
  value = jsonencode(var.limited ? local.limit : { type = "unlimited" })
}
HCL
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
for name in alone or_null or_empty or_other; do
  echo "$name: $(terraform output -raw "$name")"
done | tee found
diff found - <<'END_SEEN'
alone: {"hidden":false,"maxValue":8,"type":"range"}
or_null: {"hidden":false,"maxValue":8,"type":"range"}
or_empty: {"hidden":"false","maxValue":"8","type":"range"}
or_other: {"hidden":"false","maxValue":"8","type":"range"}
END_SEEN
