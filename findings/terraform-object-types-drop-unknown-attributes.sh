#!/usr/bin/env bash
# Terraform 1.11.4: an attribute that a variable's object type does not have is dropped without a
# warning. With optional() attributes, a misspelt setting has no effect at all: `max_retry = 3` for
# `max_retries` and `timeout_second = 600` for `timeout_seconds` give a job without retries and
# timeout. Plan and apply succeed, and `terraform validate` does, too. A misspelt variable in the
# same file is at least a warning, and a misspelt argument of a resource is an error.
# The conversion is documented, but its result is not visible in any output. Modules for Databricks
# jobs take a map of such objects, one for each job: a setting that the module does not know, or
# knows only in its next version, looks deployed in the file and is not. Take the map as `any`, and
# check its keys in a validation.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "jobs" {
  type = map(object({
    schedule        = string
    max_retries     = optional(number, 0)
    timeout_seconds = optional(number)
  }))
}
output "jobs" {
  value = jsonencode(var.jobs)
}
HCL
cat >terraform.tfvars <<'HCL'
jobs = {
  load = {
    schedule       = "0 0 6 * * ?"
    max_retry      = 3
    timeout_second = 600
  }
}
HCL
terraform init -input=false >/dev/null
terraform validate -no-color | tee -a log
terraform apply -input=false -auto-approve -no-color | tee -a log | tail -1
! grep -qi "warning\|max_retry\|timeout_second\b" log || { echo "changed: the attributes are mentioned"; exit 1; }
[ "$(terraform output -raw jobs)" = '{"load":{"max_retries":0,"schedule":"0 0 6 * * ?","timeout_seconds":null}}' ] ||
  { echo "changed: the attributes are kept"; exit 1; }
# Output seen:
#   Success! The configuration is valid.
#   jobs = "{\"load\":{\"max_retries\":0,\"schedule\":\"0 0 6 * * ?\",\"timeout_seconds\":null}}"
