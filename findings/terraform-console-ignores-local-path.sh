#!/usr/bin/env bash
# Terraform 1.11.4: `terraform console` ignores the `path` of a local backend. Its option `-state`
# has the default `terraform.tfstate`, which has the same effect as if the user had set it, so the
# console evaluates expressions against an empty state and locks a file that nothing else uses. All
# other commands read the state at `path`.
# Seen: after an apply, `terraform output` has "nightly" and `terraform state list` the resource,
# and the console answers `(known after apply)` for the same expression; with `-state=PATH` it
# answers "nightly".
# cdktf gives each stack a local backend with a `path`. In the console, the id of a deployed job or
# cluster looks as if it were not deployed yet: name the state with -state.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf.json <<'JSON'
{
  "terraform": { "backend": { "local": { "path": "states/jobs.tfstate" } } },
  "resource": { "terraform_data": { "job": { "input": "nightly" } } },
  "output": { "name": { "value": "${terraform_data.job.output}" } }
}
JSON
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
ask() { echo "terraform_data.job.output" | terraform console "$@"; }
output=$(terraform output -raw name)
plain=$(ask)
named=$(ask -state=states/jobs.tfstate)
echo "terraform output: $output"
echo "terraform console: $plain"
echo "terraform console -state=states/jobs.tfstate: $named"
[ "$output" = nightly ] && [ "$plain" = "(known after apply)" ] && [ "$named" = '"nightly"' ] ||
  { echo "changed: the console reads the state of the backend now, or answers otherwise"; exit 1; }
