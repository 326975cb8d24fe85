#!/usr/bin/env bash
# Terraform 1.11.4: optional(number, 60) replaces an explicit null by the default. `null` is how a
# configuration says "not set", and for a variable as a whole it has this meaning: the default of
# the variable applies only if the variable is left out. In an attribute of an object, there is no
# difference between null and a missing attribute, and no way to switch the setting off.
# A module for Databricks jobs gives every job a timeout and an alert after some time. One job that
# may run as long as it likes has `timeout_minutes = null`, the plan shows no trace of the null, and
# the job is stopped after an hour. Use a value that means "none", such as 0, or nullable in a
# variable of its own.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "job" {
  type = object({ timeout_minutes = optional(number, 60) })
}
variable "timeout_minutes" {
  type    = number
  default = 60
}
output "result" {
  value = jsonencode({ attribute = var.job.timeout_minutes, variable = var.timeout_minutes })
}
HCL
cat >terraform.tfvars <<'HCL'
job             = { timeout_minutes = null }
timeout_minutes = null
HCL
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
terraform output -raw result && echo
[ "$(terraform output -raw result)" = '{"attribute":60,"variable":null}' ] ||
  { echo "changed: null means the same in both"; exit 1; }
# Output seen: {"attribute":60,"variable":null}
