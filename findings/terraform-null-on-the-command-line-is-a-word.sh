#!/usr/bin/env bash
# Terraform 1.11.4: for a variable of type string, `-var 'policy_id=null'` and TF_VAR_policy_id=null
# set the text "null". In a variables file the same word is the absent value, and so it is on the
# command line for a variable whose type is an object.
# Pipelines pass the optional ids of a Databricks job (policy, instance pool, service principal) as
# -var and write null where an environment has none. The plan then has a policy with the id "null",
# and the module's own `policy_id == null` is false. Leave the variable out, or use a variables
# file.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "policy_id" {
  type    = string
  default = "default"
}
variable "schedule" {
  type    = object({ cron = string })
  default = { cron = "default" }
}
output "result" {
  value = jsonencode([var.policy_id, var.schedule])
}
HCL
terraform init -input=false >/dev/null
result() {
  terraform apply -input=false -auto-approve "$@" >/dev/null
  terraform output -raw result
}
option=$(result -var policy_id=null -var schedule=null)
variable=$(TF_VAR_policy_id=null TF_VAR_schedule=null result)
printf 'policy_id = null\nschedule = null\n' >optional.tfvars
file=$(result -var-file=optional.tfvars)
echo "-var: $option, TF_VAR_: $variable, -var-file: $file"
[ "$option $variable $file" = '["null",null] ["null",null] [null,null]' ] ||
  { echo "changed: null means the same in all three"; exit 1; }
# Output seen: -var: ["null",null], TF_VAR_: ["null",null], -var-file: [null,null]
