#!/usr/bin/env bash
# apache-airflow-providers-databricks 7.23.0 with Airflow 3.3.2: the settings of a job in
# DatabricksCreateJobsOperator are a template of Airflow, with the same braces as the dynamic value
# references of Databricks. Most references, such as {{job.name}}, are unknown to Airflow and raise
# an error. {{task.name}} and {{run_id}}, the older form of {{task.run_id}}, are rendered without a
# message: to "None", and to the id of the run in Airflow.
# The job is deployed with these texts as the parameters of its notebooks, and they are the same in
# each of its runs: results are written under the name "None", or under one run id, and the next run
# overwrites them. The errors lead to an escape for the other references only. Put {% raw %} and {%
# endraw %} around each of them.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet apache-airflow==3.3.2 apache-airflow-providers-common-compat==1.23.0 aiohttp==3.13.2 mergedeep==1.3.4
v/bin/pip install --quiet --no-deps apache-airflow-providers-databricks==7.23.0
cat > deploy.py <<'PY'
import json
from datetime import datetime
from airflow.providers.databricks.operators.databricks import DatabricksCreateJobsOperator
from airflow.sdk import DAG

def deployed(reference):
    parameters = {"value": reference}
    task = {"task_key": "load", "notebook_task": {"notebook_path": "/Shared/load", "base_parameters": parameters}}
    with DAG("etl", schedule=None, start_date=datetime(2026, 1, 1)):
        operator = DatabricksCreateJobsOperator(task_id="deploy", json={"name": "nightly", "tasks": [task]})
    try:
        operator.render_template_fields({"task": operator, "run_id": "scheduled__2026-01-05T06:00:00+00:00"})
    except Exception as error:
        return type(error).__name__
    return operator.json["tasks"][0]["notebook_task"]["base_parameters"]["value"]

with open("seen", "w") as seen:
    for reference in ("{{task.name}}", "{{run_id}}", "{{job.name}}", "{% raw %}{{task.name}}{% endraw %}"):
        print(f"{reference}: {deployed(reference)}", file=seen)
PY
AIRFLOW_HOME=$PWD/home v/bin/python deploy.py >log 2>&1 || { cat log; exit 1; }
cat seen
diff seen - <<'END_SEEN'
{{task.name}}: None
{{run_id}}: scheduled__2026-01-05T06:00:00+00:00
{{job.name}}: UndefinedError
{% raw %}{{task.name}}{% endraw %}: {{task.name}}
END_SEEN
