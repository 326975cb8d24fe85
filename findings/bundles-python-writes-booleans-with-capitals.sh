#!/usr/bin/env bash
# databricks-bundles 1.22.1 (Python): where a job takes text, from_dict accepts booleans and numbers
# and converts them with Python's str(): true of a JSON file becomes "True", and 0.00001 becomes
# "1e-05". Terraform 1.11.4 converts the same file to "true" and "0.00001".
# Parameters of notebooks and wheels are text. Settings of jobs that were read from a JSON or YAML
# file are accepted by from_dict without a warning, and a notebook that compares its parameter with
# "true" takes the other branch in each run. Quote such values in the file.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv v
v/bin/pip install --quiet databricks-bundles==1.22.1
echo '{"full_load": true, "tolerance": 0.00001}' >parameters.json
v/bin/python - <<'PY' | tee found
import json
from databricks.bundles.jobs import Job

parameters = json.load(open("parameters.json"))
notebook = {"notebook_path": "/Shared/load", "base_parameters": parameters}
job = Job.from_dict({"name": "load", "tasks": [{"task_key": "load", "notebook_task": notebook}]})
print("bundles:  ", json.dumps(job.as_dict()["tasks"][0]["notebook_task"]["base_parameters"]))
PY
expression='{ for name, value in jsondecode(file("parameters.json")) : name => tostring(value) }'
echo "Terraform: $(echo "join(\", \", values($expression))" | terraform console)" | tee -a found
diff found - <<'END_SEEN'
bundles:   {"full_load": "True", "tolerance": "1e-05"}
Terraform: "true, 0.00001"
END_SEEN
