#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: from_dict keeps only the fields that this version knows, at every
# level, without a warning. The usual way to change a job (jobs.get, edit settings, jobs.reset with
# the same settings) therefore removes all fields that the platform has added since the SDK was
# released, because reset replaces the whole job. Repositories that keep job JSON exported through
# the SDK lose such fields in the file, too.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
v/bin/python - <<'END'
import sys
from databricks.sdk.service.jobs import JobSettings

answer = {"name": "etl", "added_next_year": {"enabled": True}, "tasks": [{"task_key": "a", "also_new": "value", "max_retries": 2}]}
reset = JobSettings.from_dict(answer).as_dict()
print("read: ", answer)
print("reset:", reset)
sys.exit(0 if reset == {"name": "etl", "tasks": [{"task_key": "a", "max_retries": 2}]} else 1)
END
# Output seen:
#   read:  {'name': 'etl', 'added_next_year': {'enabled': True}, 'tasks': [{'task_key': 'a', 'also_new': 'value', 'max_retries': 2}]}
#   reset: {'name': 'etl', 'tasks': [{'max_retries': 2, 'task_key': 'a'}]}
