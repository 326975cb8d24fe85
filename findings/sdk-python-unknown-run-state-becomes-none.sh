#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: an enum value that this version does not know is read as None,
# the same as a field that the workspace did not return.
# A promotion gate such as "fail if state.result_state is FAILED or TIMEDOUT" passes a run that
# ended in a newer state, and a poll loop that waits for a known life cycle state never sees the
# name of the unknown state, not even in its log.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
v/bin/python - <<'END'
import sys
from databricks.sdk.service.jobs import RunState

newer = RunState.from_dict({"life_cycle_state": "TERMINATED", "result_state": "ENDED_BY_A_NEWER_RULE"})
absent = RunState.from_dict({"life_cycle_state": "TERMINATED"})
print("unknown value:", newer.result_state, "| absent:", absent.result_state, "| equal:", newer == absent)
sys.exit(0 if newer.result_state is None and newer == absent else 1)
END
# Output seen: unknown value: None | absent: None | equal: True
