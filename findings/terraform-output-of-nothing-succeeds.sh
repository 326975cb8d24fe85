#!/usr/bin/env bash
# Terraform 1.11.4: `terraform output -raw NAME` on a state without outputs exits with 0 and prints
# a warning of several lines on standard output, where the value is expected. As soon as the state
# has any other output, the same command exits with 1 and prints nothing there.
# Scripts that start a deployed job do `job=$(terraform output -raw job_id)` under `set -e`. In a
# new environment, or in the wrong folder or workspace, `$job` is then the text of the warning, and
# the next command sends it to the Jobs API as an id. Check that the value has the expected form, or
# read the id from `terraform output -json`, which prints {} here.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ask() {
  code=0
  value=$(terraform output -no-color -raw job_id 2>/dev/null) || code=$?
  echo "$1: exit code $code, $(printf %s "$value" | wc -c) bytes on standard output" \
    "$(printf %s "$value" | grep -o 'Warning: .*' || true)"
}
terraform init -input=false >/dev/null
ask "no outputs"
empty="$code $value"
echo 'output "name" { value = "nightly" }' >main.tf
terraform apply -input=false -auto-approve >/dev/null
ask "another output"
other="$code $value"
[[ $empty == "0 "*"No outputs found"* && $other == "1 " ]] ||
  { echo "changed: both cases fail now, or both print nothing"; exit 1; }
# Output seen:
#   no outputs: exit code 0, 377 bytes on standard output Warning: No outputs found
#   another output: exit code 1, 0 bytes on standard output
