#!/usr/bin/env bash
# Terraform 1.11.4: `terraform test -filter=PATH` reports "Success! 0 passed, 0 failed." with exit
# code 0 if no test file has exactly this path. A path with `./`, an absolute path and a file that
# was renamed count as such, without a warning, although the first two name an existing file.
# Monorepos of jobs run the tests of the changed stacks with -filter, from paths of `git diff` or
# `find`: `find . -name '*.tftest.hcl'` prints them with `./`, and no test is run from then on. Look
# for the number of passed tests, e.g. in the test_summary of -json.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir tests
echo 'output "retries" { value = 3 }' >main.tf
cat >tests/job.tftest.hcl <<'HCL'
run "retries_are_off" {
  assert {
    condition     = output.retries == 0
    error_message = "the job retries"
  }
}
HCL
terraform init -input=false >/dev/null
seen=
for path in tests/job.tftest.hcl ./tests/job.tftest.hcl "$PWD/tests/job.tftest.hcl" tests/jobs.tftest.hcl; do
  code=0
  summary=$(terraform test -no-color -filter="$path" 2>/dev/null | tail -1) || code=$?
  echo "-filter=${path/#"$PWD"/\$PWD}: $summary (exit code $code)"
  seen+="$code:${summary%%[! A-Za-z]*} "
done
[ "$seen" = "1:Failure 0:Success 0:Success 0:Success " ] ||
  { echo "changed: a filter that selects nothing is reported now, or selects the file"; exit 1; }
# Output seen:
#   -filter=tests/job.tftest.hcl: Failure! 0 passed, 1 failed. (exit code 1)
#   -filter=./tests/job.tftest.hcl: Success! 0 passed, 0 failed. (exit code 0)
#   -filter=$PWD/tests/job.tftest.hcl: Success! 0 passed, 0 failed. (exit code 0)
#   -filter=tests/jobs.tftest.hcl: Success! 0 passed, 0 failed. (exit code 0)
