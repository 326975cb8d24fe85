#!/usr/bin/env bash
# Terraform 1.11.4: after a rename with a `moved` block, `plan -detailed-exitcode` returns 2 ("there
# are changes"), although the plan contains no change: every action is "no-op", all counts are zero.
# The only sign in the plan's JSON is previous_address at the moved resource.
# cdktf names resources after their position in the construct tree, so renames are frequent. The two
# usual drift checks disagree about them: a job that alerts on exit code 2 reports drift after each
# rename until somebody applies, and one that reads the actions skips the apply as unnecessary. Then
# the state keeps the old addresses, and the plan without the `moved` block, which seems to be no
# longer needed, is a destroy and a create: the Databricks job gets another id and no run history.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
write() { printf 'resource "terraform_data" "%s" { input = "nightly" }\n%s\n' "$1" "${2:-}" >main.tf; }
read_plan() {
  code=0
  terraform plan -input=false -no-color -detailed-exitcode -out=saved >text || code=$?
  terraform show -json saved | python3 -c '
import json, sys
for it in json.load(sys.stdin)["resource_changes"]:
    print(it["address"], *it["change"]["actions"], *([it["previous_address"]] if "previous_address" in it else []))' >actions
  echo "$1: exit code $code; $(grep -o 'Plan: .*' text); $(paste -sd, actions)"
}
write etl
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
write nightly $'moved {\n  from = terraform_data.etl\n  to = terraform_data.nightly\n}'
read_plan "moved"
[[ $code = 2 && $(<actions) == "terraform_data.nightly no-op terraform_data.etl" ]] ||
  { echo "changed: exit code and actions agree now"; exit 1; }
write nightly
read_plan "moved block removed before an apply"
grep -q '1 to add, 0 to change, 1 to destroy' text ||
  { echo "changed: the plan without the moved block is no destroy and create"; exit 1; }
# Output seen:
#   moved: exit code 2; Plan: 0 to add, 0 to change, 0 to destroy.; terraform_data.nightly no-op terraform_data.etl
#   moved block removed before an apply: exit code 2; Plan: 1 to add, 0 to change, 1 to destroy.; terraform_data.etl delete,terraform_data.nightly create
