#!/usr/bin/env bash
# databricks-bundles 1.22.1 (Python): a message without fields is not written. Continuous() is a
# complete setting, since all its fields have defaults: it makes a job run continuously. A job with
# continuous=Continuous(), or "continuous": {} in from_dict, is written without it, and what is
# deployed is a job that never starts by itself. There is no warning, and the object in Python still
# has the setting, so a test that reads job.continuous passes.
# Write the default: Continuous(pause_status=PauseStatus.UNPAUSED).
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-bundles==1.22.1
v/bin/python - <<'PY' | tee found
from databricks.bundles.jobs import Continuous, Job, PauseStatus

jobs = [
    Job(name="ingest", continuous=Continuous()),
    Job.from_dict({"name": "ingest", "continuous": {}}),
    Job(name="ingest", continuous=Continuous(pause_status=PauseStatus.UNPAUSED)),
]
for job in jobs:
    print(job.continuous is not None, job.as_dict())
PY
diff found - <<'END_SEEN'
True {'name': 'ingest'}
True {'name': 'ingest'}
True {'continuous': {'pause_status': 'UNPAUSED'}, 'name': 'ingest'}
END_SEEN
