#!/usr/bin/env bash
# Terraform 1.11.4: `ignore_changes` with an index into a list means the position, not the element.
# Terraform copies the old value at this position into the new element there. If a task is inserted
# before the intended one, the new task gets the path of the old one, and the old task is no longer
# ignored. Plan and apply succeed; the plan shows the wrong value, as if it were configured. People
# ignore `task[0].new_cluster[0].num_workers` or a `notebook_path` that is changed by hand in
# development. The run shows it with a list in an attribute of terraform_data; the copy is made by
# Terraform, not by the provider.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
write() {
  cat >main.tf.json <<JSON
{ "resource": { "terraform_data": { "job": {
  "input": [$1],
  "lifecycle": { "ignore_changes": ["input[0].path"] }
} } } }
JSON
}
load='{ "task": "load", "path": "/load" }'
write "$load"
terraform init -input=false >/dev/null
terraform apply -input=false -auto-approve >/dev/null
configured='{ "task": "archive", "path": "/archive" }'
write "$configured, $load"
terraform apply -input=false -auto-approve >/dev/null
python3 - "$configured" <(terraform show -json) <<'PY'
import json, sys
configured = json.loads(sys.argv[1])
(job,) = json.load(open(sys.argv[2]))["values"]["root_module"]["resources"]
deployed = job["values"]["input"][0]
print("configured:", configured)
print("deployed:  ", deployed)
sys.exit(0 if deployed == {"task": "archive", "path": "/load"} else 1)
PY
# Output seen:
#   configured: {'task': 'archive', 'path': '/archive'}
#   deployed:   {'path': '/load', 'task': 'archive'}
