#!/usr/bin/env bash
# Terraform 1.11.4: the JSON of a plan contains the configuration, with the references of every
# resource, output and module call, but no local values. A resource that uses another one through
# a local refers to "local.settings", a name that is defined nowhere in the document.
# Terraform's own graph has the edge: `terraform graph` prints it.
# Tools that read the plan to find the jobs that depend on a changed cluster policy, pool or
# notebook, or to draw the stack, follow these references. With a common `locals` block between
# policy and jobs they find none, and a review shows the change as one without consequences. Take
# the edges from the depends_on lists of the state, or from `terraform graph`.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
resource "terraform_data" "policy" {
  input = "small"
}
locals {
  settings = { policy = terraform_data.policy.output, retries = 2 }
}
resource "terraform_data" "job" {
  input = local.settings.policy
}
HCL
terraform init -input=false >/dev/null
terraform plan -input=false -out=saved >/dev/null
terraform show -json saved >plan.json
python3 - <<'PY' | tee found
import json
configuration = json.load(open("plan.json"))["configuration"]
(job,) = (it for it in configuration["root_module"]["resources"] if it["name"] == "job")
print("references of the job:", *job["expressions"]["input"]["references"])
print("keys of the root module:", *configuration["root_module"])
print("retries is in the configuration:", "retries" in json.dumps(configuration))
PY
terraform graph | grep -o '"terraform_data.job" -> .*' | tee -a found
diff found - <<'END_SEEN'
references of the job: local.settings.policy local.settings
keys of the root module: resources
retries is in the configuration: False
"terraform_data.job" -> "terraform_data.policy";
END_SEEN
