#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: an empty map or list that the caller sets is omitted from the
# request, as if it were not set. Zero and empty messages are sent. So code cannot set "no tags" or
# "no Spark configuration": a partial jobs/update keeps the old tags, and two configurations that
# mean different things are serialized to the same bytes. A tool that compares configurations after
# a round trip through the SDK treats them as equal.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
v/bin/python - <<'END'
import sys
from databricks.sdk.service.jobs import JobSettings
from databricks.sdk.service.compute import ClusterSpec

job = JobSettings(name="etl", tags={}, max_concurrent_runs=0).as_dict()
cluster = ClusterSpec(num_workers=0, custom_tags={}, spark_conf={"spark.ui.port": ""}).as_dict()
print("job:    ", job)
print("cluster:", cluster)
as_seen = job == {"name": "etl", "max_concurrent_runs": 0} and cluster == {"num_workers": 0, "spark_conf": {"spark.ui.port": ""}}
sys.exit(0 if as_seen else 1)
END
# Output seen:
#   job:     {'max_concurrent_runs': 0, 'name': 'etl'}
#   cluster: {'num_workers': 0, 'spark_conf': {'spark.ui.port': ''}}
