#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: the callback of run_now(...).result() and of the wait_... methods
# is called with each poll of the run, except with the last one: if a run has TERMINATED or was
# SKIPPED, the method returns before it calls the callback. A run that has ended before the first
# poll never reaches the callback at all. INTERNAL_ERROR does: the callback is called, and the
# exception raised afterwards.
# The callback is the place for progress: a line in the log of a deployment, a chat message, a row
# in a table of runs. Written this way, the last entry of each run that ended regularly is RUNNING,
# with success as with failure, and a table of the runs that are not finished grows. Record the
# returned run, too.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat > callback.py <<'END_PYTHON'
import http.server, json, logging, threading

class Workspace(http.server.BaseHTTPRequestHandler):
    states = []

    def do_GET(self):
        if "/jobs/runs/get" not in self.path:
            return self.answer(404, {})
        life_cycle_state, _, result_state = self.states.pop(0).partition(" ")
        state = {"life_cycle_state": life_cycle_state, "state_message": ""}
        self.answer(200, {"run_id": 7, "state": {**state, **({"result_state": result_state} if result_state else {})}})

    def answer(self, code, body):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Workspace)
threading.Thread(target=server.serve_forever, daemon=True).start()
logging.disable(logging.WARNING)

from databricks.sdk import WorkspaceClient

jobs = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="not-a-real-token").jobs
for states in (["RUNNING", "TERMINATED SUCCESS"], ["TERMINATED FAILED"], ["RUNNING", "INTERNAL_ERROR FAILED"]):
    seen = []
    Workspace.states[:] = states
    try:
        run = jobs.wait_get_run_job_terminated_or_skipped(
            run_id=7, callback=lambda it: seen.append(it.state.life_cycle_state.value)
        )
        end = f"returned {run.state.result_state.value}"
    except Exception as error:
        end = f"raised {type(error).__name__}"
    print(f"polled {states}: callback saw {seen}, {end}")
END_PYTHON
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python callback.py | tee found
diff found - <<'END_SEEN'
polled ['RUNNING', 'TERMINATED SUCCESS']: callback saw ['RUNNING'], returned SUCCESS
polled ['TERMINATED FAILED']: callback saw [], returned FAILED
polled ['RUNNING', 'INTERNAL_ERROR FAILED']: callback saw ['RUNNING', 'INTERNAL_ERROR'], raised OperationFailed
END_SEEN
