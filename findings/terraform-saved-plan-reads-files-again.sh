#!/usr/bin/env bash
# Terraform 1.11.4: a saved plan contains the configuration, but not the files that file(),
# filesha256() or templatefile() read. The apply of the saved plan reads them again, from its own
# working folder.
# If a file has changed since, the apply stops with "Provider produced inconsistent final plan" and
# "This is a bug in the provider", and no word about the file.
# Pipelines plan in one job and apply in the next after an approval, with a new checkout and a new
# build. A wheel or notebook that is not built reproducibly (time stamps in the archive) is such a
# file. People then look for the bug in the Databricks provider: pass the built files along with the
# plan. Here the resource is Terraform's own terraform_data.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo 'resource "terraform_data" "wheel" { input = filesha256("etl.whl") }' >main.tf
terraform init -input=false >/dev/null
echo "build 1" >etl.whl
terraform plan -input=false -out=saved >/dev/null
echo "build 2" >etl.whl
code=0
terraform apply -input=false -no-color saved >text 2>&1 || code=$?
echo "apply of the saved plan: exit code $code"
tr -d '│╷╵' <text | tr -s ' \n' ' ' | grep -oE 'Provider produced inconsistent final plan|This is a bug in the provider' >words || true
cat words
[[ $code = 1 && $(wc -l <words) = 2 ]] && ! grep -q 'etl\.whl' text ||
  { echo "changed: the plan keeps the value, or the message names the file"; exit 1; }
# Output seen:
#   apply of the saved plan: exit code 1
#   Provider produced inconsistent final plan
#   This is a bug in the provider
