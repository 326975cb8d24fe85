#!/usr/bin/env bash
# brickflows 2.0.0 (Python): the settings of a task override the default settings of its workflow,
# except with 0 or False, which have the same effect as no setting. A task with max_retries=0 in a
# workflow with 3 retries is deployed with 3, and timeout_seconds=0, which means no limit in
# Databricks, with the limit of the workflow. There is no warning.
# Tasks that must not run twice (send mails, book invoices) are the reason for max_retries=0. The
# code says so, and the job repeats them up to three times. There is no value for "none": set such
# defaults in each task instead of in the workflow.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet brickflows==2.0.0
cat > settings.py <<'PY'
from brickflow import TaskSettings

defaults = TaskSettings(max_retries=3, timeout_seconds=3600, retry_on_timeout=True)
for own in (
    TaskSettings(max_retries=1, timeout_seconds=600),
    TaskSettings(max_retries=0, timeout_seconds=0, retry_on_timeout=False),
):
    merged = defaults.merge(own)
    names = ("max_retries", "timeout_seconds", "retry_on_timeout")
    print({name: getattr(own, name) for name in names}, "->", {name: getattr(merged, name) for name in names})
PY
v/bin/python settings.py | tee found
diff found - <<'END_SEEN'
{'max_retries': 1, 'timeout_seconds': 600, 'retry_on_timeout': None} -> {'max_retries': 1, 'timeout_seconds': 600, 'retry_on_timeout': True}
{'max_retries': 0, 'timeout_seconds': 0, 'retry_on_timeout': False} -> {'max_retries': 3, 'timeout_seconds': 3600, 'retry_on_timeout': True}
END_SEEN
