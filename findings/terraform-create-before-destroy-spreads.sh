#!/usr/bin/env bash
# Terraform 1.11.4: create_before_destroy in one resource changes the order for every resource that
# it depends on. These are replaced with "create" before "delete", too, although their own
# configuration has no lifecycle block, in the JSON of the plan as in the code.
# A job with create_before_destroy turns the replacement of its instance pool, policy or secret
# scope around. Two objects then exist at the same time, and where a name must be unique, the create
# fails. A policy or script that looks for ["delete", "create"] to find replacements misses them:
# compare the set of actions, not the list.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
write() { # write VERSION LIFECYCLE
  cat >main.tf <<HCL
resource "terraform_data" "scope" {
  triggers_replace = [$1]
}
resource "terraform_data" "job" {
  input = terraform_data.scope.id
  $2
}
HCL
}
plan() {
  terraform plan -input=false -out=saved >/dev/null
  terraform show -json saved | python3 -c '
import json, sys
print(*(it["change"]["actions"] for it in json.load(sys.stdin)["resource_changes"] if it["name"] == "scope"))'
}
write 1 ""
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
write 2 ""
without=$(plan)
write 2 "lifecycle { create_before_destroy = true }"
with=$(plan)
echo "replacement of the scope: $without"
echo "with create_before_destroy in the job: $with"
[ "$without $with" = "['delete', 'create'] ['create', 'delete']" ] || exit 1
# Output seen:
#   replacement of the scope: ['delete', 'create']
#   with create_before_destroy in the job: ['create', 'delete']
