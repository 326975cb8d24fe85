#!/usr/bin/env bash
# apache-airflow-providers-databricks 7.23.0 with Airflow 3.3.2: notebook_params of a
# DatabricksWorkflowTaskGroup override the notebook_params of the notebooks in it. The group's
# parameters look like defaults, as default_args of a DAG are, and are the other way round: the
# value that one notebook sets for itself is lost in the job that is deployed. There is no message.
# A group with table="all" and one notebook with table="orders" is deployed as a job whose notebooks
# both get table="all": that notebook processes every table. Give the group only parameters that no
# notebook sets.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet apache-airflow==3.3.2 apache-airflow-providers-common-compat==1.23.0 aiohttp==3.13.2 mergedeep==1.3.4
v/bin/pip install --quiet --no-deps apache-airflow-providers-databricks==7.23.0
cat > deploy.py <<'PY'
from datetime import datetime
from airflow.providers.databricks.operators.databricks import DatabricksNotebookOperator
from airflow.providers.databricks.operators.databricks_workflow import DatabricksWorkflowTaskGroup
from airflow.sdk import DAG

def notebook(name, **parameters):
    common = {"notebook_path": f"/Shared/{name}", "source": "WORKSPACE", "job_cluster_key": "main"}
    return DatabricksNotebookOperator(task_id=name, databricks_conn_id="workspace", notebook_params=parameters, **common)

with DAG("etl", schedule=None, start_date=datetime(2026, 1, 1)) as dag:
    defaults = {"table": "all", "day": "2026-01-05"}
    with DatabricksWorkflowTaskGroup(group_id="nightly", databricks_conn_id="workspace", notebook_params=defaults):
        notebook("load") >> notebook("check", table="orders")
for task in dag.get_task("nightly.launch").create_workflow_json()["tasks"]:
    print(task["notebook_task"]["notebook_path"], task["notebook_task"]["base_parameters"])
PY
HOME=$PWD AIRFLOW_HOME=$PWD AIRFLOW__CORE__LOAD_EXAMPLES=False v/bin/python deploy.py >log 2>&1 || { cat log; exit 1; }
grep ^/Shared/ log | tee found
diff found - <<'END_SEEN'
/Shared/load {'table': 'all', 'day': '2026-01-05'}
/Shared/check {'table': 'all', 'day': '2026-01-05'}
END_SEEN
