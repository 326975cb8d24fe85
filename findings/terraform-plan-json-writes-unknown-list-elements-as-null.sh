#!/usr/bin/env bash
# Terraform 1.11.4: in the JSON of a plan, a value that is known after the apply is written in three
# ways. An attribute of an object is omitted from `after`, an element of a list is null, and an
# output that is unknown as a whole has no `after` at all. A configured null is null everywhere.
# Only `after_unknown`, a second tree of the same shape, tells an unknown element from a null one.
# Plans of Databricks jobs are full of such lists: ids of jobs to start, of instance pools, of
# warehouses, of groups in a grant. A review that prints `after` shows "null" for the id of a job
# that will exist, and a policy "every list element must be set" rejects a correct plan.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >main.tf <<'HCL'
resource "terraform_data" "load" {}
resource "terraform_data" "job" {
  input = {
    in_object = { job = terraform_data.load.id, queue = null }
    in_list   = ["7", terraform_data.load.id, null]
  }
}
output "ids" {
  value = terraform_data.job.output
}
HCL
terraform init -input=false >/dev/null
terraform plan -input=false -out=saved >/dev/null
terraform show -json saved >plan.json
python3 - <<'PY'
import json, sys
plan = json.load(open("plan.json"))
(job,) = (it["change"] for it in plan["resource_changes"] if it["address"] == "terraform_data.job")
for name in ("in_object", "in_list"):
    print(f"{name}: after {json.dumps(job['after']['input'][name])}, after_unknown {json.dumps(job['after_unknown']['input'][name])}")
print("output: ", json.dumps({key: value for key, value in plan["output_changes"]["ids"].items() if key.startswith("after")}))
after = job["after"]["input"]
as_seen = after == {"in_object": {"queue": None}, "in_list": ["7", None, None]}
sys.exit(0 if as_seen and job["after_unknown"]["input"]["in_list"] == [False, True, False] else 1)
PY
# Output seen:
#   in_object: after {"queue": null}, after_unknown {"job": true}
#   in_list: after ["7", null, null], after_unknown [false, true, false]
#   output:  {"after_unknown": true, "after_sensitive": false}
