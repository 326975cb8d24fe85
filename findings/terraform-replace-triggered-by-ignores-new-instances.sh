#!/usr/bin/env bash
# Terraform 1.11.4: replace_triggered_by with a resource that has for_each or count reacts to a
# change or a replacement of its instances. A new instance and a removed one have no effect, and
# there is no message: the plan adds or removes the instance and leaves the dependent resource as it
# is.
# The list in replace_triggered_by names the resource as a whole, e.g. the init scripts or libraries
# of a cluster, one file each with for_each, to restart the cluster when "they" change. A commit
# that edits a script replaces the cluster; a commit that adds or deletes one does not, and the
# cluster keeps running with the old set. Put the keys into a terraform_data and name that.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
variable "scripts" {
  type    = map(string)
  default = { driver = "v1", libraries = "v1" }
}
resource "terraform_data" "script" {
  for_each = var.scripts
  input    = each.value
}
resource "terraform_data" "cluster" {
  lifecycle {
    replace_triggered_by = [terraform_data.script]
  }
}
HCL
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
while IFS='|' read -r label scripts; do
  terraform plan -input=false -out=plan -var "scripts=$scripts" >/dev/null
  action=$(terraform show -json plan | grep -o '"address":"terraform_data.cluster"[^]]*"actions":\[[^]]*\]' | grep -o '\[.*' | tail -1)
  echo "$label: $action"
done <<'END_CASES' | tee seen
edited|{ driver = "v2", libraries = "v1" }
added|{ driver = "v1", libraries = "v1", metrics = "v1" }
removed|{ driver = "v1" }
END_CASES
diff seen - <<'END_SEEN'
edited: ["delete","create"]
added: ["no-op"]
removed: ["no-op"]
END_SEEN
