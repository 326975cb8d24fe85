#!/usr/bin/env bash
# Terraform 1.11.4: yamldecode applies a YAML merge key (`<<: *defaults`) at its position. Keys
# below it override the defaults; keys above it are overridden by them, without a warning. In the
# definition of the merge key, and in PyYAML 6.0.3, the keys of the mapping always win.
# Job settings in YAML files, read by yamldecode(file(...)), often have an anchor for the common
# part. A job that sets its own timeout and concurrency above the merge key is deployed with the
# defaults, while a check of the same file in Python reads the job's own values. Write the merge key
# first.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >jobs.yml <<'YAML'
defaults: &defaults
  timeout_seconds: 86400
  max_concurrent_runs: 10
below:
  <<: *defaults
  timeout_seconds: 600
  max_concurrent_runs: 1
above:
  timeout_seconds: 600
  max_concurrent_runs: 1
  <<: *defaults
YAML
python3 -m venv v
v/bin/pip install --quiet pyyaml==6.0.3
cat >read.py <<'PY'
import json, sys, yaml
# The console writes the JSON as a string literal.
jobs = json.loads(json.load(sys.stdin)) if sys.argv[1:] else yaml.safe_load(open("jobs.yml"))
print(json.dumps({name: jobs[name] for name in ("above", "below")}, sort_keys=True))
PY
expression='jsonencode({ for name in ["above", "below"] : name => yamldecode(file("jobs.yml"))[name] })'
{
  echo "PyYAML:    $(v/bin/python read.py)"
  echo "Terraform: $(echo "$expression" | terraform console | v/bin/python read.py console)"
} | tee found
diff found - <<'END_SEEN'
PyYAML:    {"above": {"max_concurrent_runs": 1, "timeout_seconds": 600}, "below": {"max_concurrent_runs": 1, "timeout_seconds": 600}}
Terraform: {"above": {"max_concurrent_runs": 10, "timeout_seconds": 86400}, "below": {"max_concurrent_runs": 1, "timeout_seconds": 600}}
END_SEEN
