#!/usr/bin/env bash
# databricks-bundles 1.22.1 (Python): load_resources_from_module, and the functions for packages,
# deploy each job that a variable of the module refers to, also if its name starts with an
# underscore. Jobs in a list or a dict are not found, without a message.
# A job that is only the template of others, changed with dataclasses.replace, is kept in a private
# variable: _template = Job(...). It is deployed as a job of its own, with the schedule that the
# others got from it, and runs the same notebook a second time. Make the template in a function.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-bundles==1.22.1
cat > jobs.py <<'PY'
from dataclasses import replace
from databricks.bundles.jobs import CronSchedule, Job, NotebookTask, Task

_load = Task(task_key="load", notebook_task=NotebookTask(notebook_path="/Shared/load"))
_schedule = CronSchedule(quartz_cron_expression="0 0 6 * * ?", timezone_id="UTC")
_template = Job(name="template", schedule=_schedule, tasks=[_load])

orders = replace(_template, name="orders")
others = [replace(_template, name=name) for name in ("customers", "returns")]
PY
v/bin/python - <<'PY' | tee found
import jobs
from databricks.bundles.core import load_resources_from_module

for name, job in load_resources_from_module(jobs).jobs.items():
    print(f"{name}: {job.name}, {job.schedule.quartz_cron_expression}")
PY
diff found - <<'END_SEEN'
_template: template, 0 0 6 * * ?
orders: orders, 0 0 6 * * ?
END_SEEN
