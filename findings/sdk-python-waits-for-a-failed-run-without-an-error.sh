#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: run_now(...).result() and run_now_and_wait return normally for a
# run that FAILED, TIMEDOUT, was CANCELED or was skipped. Only the life cycle state INTERNAL_ERROR
# raises an exception, OperationFailed; the result of the run is not read.
# Deployments and schedulers call .result() and rely on the exception: a pipeline step that starts a
# job and waits for it is green although the job failed. Read state.result_state of the returned run
# and compare it with SUCCESS.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat > wait.py <<'END_PYTHON'
import http.server, json, logging, sys, threading

class Workspace(http.server.BaseHTTPRequestHandler):
    state = {}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, {"run_id": 5})

    def do_GET(self):
        known = self.path.split("?")[0].endswith("/jobs/runs/get")
        self.answer(200 if known else 404, {"run_id": 5, "state": self.state} if known else {})

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

client = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="not-a-real-token")
ends = ["TERMINATED SUCCESS", "TERMINATED FAILED", "TERMINATED TIMEDOUT", "TERMINATED CANCELED", "SKIPPED", "INTERNAL_ERROR FAILED"]
seen = []
for end in ends:
    life, _, result = end.partition(" ")
    Workspace.state = {"life_cycle_state": life, **({"result_state": result} if result else {})}
    outcome = []
    for wait in (lambda: client.jobs.run_now(job_id=1).result(), lambda: client.jobs.run_now_and_wait(job_id=1)):
        try:
            wait()
            outcome.append("returned")
        except Exception as error:
            outcome.append(f"raised {type(error).__name__}")
    seen.append(outcome)
    print(f"{end}: result() {outcome[0]}, run_now_and_wait {outcome[1]}")
sys.exit(0 if seen == [["returned"] * 2] * 5 + [["raised OperationFailed"] * 2] else 1)
END_PYTHON
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python wait.py
# Output seen:
#   TERMINATED SUCCESS: result() returned, run_now_and_wait returned
#   TERMINATED FAILED: result() returned, run_now_and_wait returned
#   TERMINATED TIMEDOUT: result() returned, run_now_and_wait returned
#   TERMINATED CANCELED: result() returned, run_now_and_wait returned
#   SKIPPED: result() returned, run_now_and_wait returned
#   INTERNAL_ERROR FAILED: result() raised OperationFailed, run_now_and_wait raised OperationFailed
