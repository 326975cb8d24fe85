#!/usr/bin/env bash
# Terraform 1.11.4: the `path` of a local backend is used for the workspace "default" only. Every
# other workspace keeps its state in terraform.tfstate.d/NAME of the working folder, regardless of
# `path`; the setting for them is `workspace_dir`.
# cdktf 0.21.0 gives each stack a `path` next to cdktf.json, outside of its output folder, and sets
# no `workspace_dir`. With `terraform workspace new dev` in cdktf.out/stacks/NAME, the state of the
# deployed jobs is written into cdktf.out, a generated folder that is in .gitignore and gets removed
# by every clean build. Then the next apply creates all jobs a second time.
# Set workspace_dir with an override of the backend, or use a remote backend.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2
cat >app.js <<'JS'
const { App, TerraformOutput, TerraformStack } = require("cdktf");
const app = new App();
new TerraformOutput(new TerraformStack(app, "etl"), "name", { value: "nightly" });
app.synth();
JS
node app.js
(
  cd cdktf.out/stacks/etl
  terraform init -input=false
  terraform apply -input=false -auto-approve
  terraform workspace new dev
  terraform apply -input=false -auto-approve
) >/dev/null
states=$(find . -name '*.tfstate' -not -path '*/.terraform/*' | sort)
echo "$states"
[ "$states" = "./cdktf.out/stacks/etl/terraform.tfstate.d/dev/terraform.tfstate
./terraform.etl.tfstate" ] || { echo "changed: the states are elsewhere"; exit 1; }
# Output seen:
#   ./cdktf.out/stacks/etl/terraform.tfstate.d/dev/terraform.tfstate
#   ./terraform.etl.tfstate
