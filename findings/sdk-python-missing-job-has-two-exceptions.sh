#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: the same response of the workspace for a job that does not exist
# (HTTP 400, INVALID_PARAMETER_VALUE, "Job 7 does not exist.") becomes two exceptions. jobs.get
# raises ResourceDoesNotExist, a NotFound; delete, update, reset and run_now raise
# InvalidParameterValue, a BadRequest. The SDK rewrites the error by a list of paths, and by the
# words of the message, and the list contains only the read calls of jobs, runs and clusters.
# Cleanup code that ignores NotFound, tested with get, fails in delete if another process deleted
# the job first. Code that reports a BadRequest as an error in its own configuration reports one
# here.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat > missing.py <<'END_PYTHON'
import http.server, json, logging, sys, threading

class Workspace(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        jobs = "/jobs/" in self.path
        body = {"error_code": "INVALID_PARAMETER_VALUE", "message": "Job 7 does not exist."} if jobs else {}
        data = json.dumps(body).encode()
        self.send_response(400 if jobs else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Workspace)
threading.Thread(target=server.serve_forever, daemon=True).start()
logging.disable(logging.WARNING)

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound
from databricks.sdk.service.jobs import JobSettings

jobs = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="not-a-real-token").jobs
calls = {
    "get": lambda: jobs.get(7),
    "delete": lambda: jobs.delete(7),
    "update": lambda: jobs.update(7, new_settings=JobSettings(name="etl")),
    "reset": lambda: jobs.reset(7, new_settings=JobSettings(name="etl")),
    "run_now": lambda: jobs.run_now(7),
}
seen = {}
for name, call in calls.items():
    try:
        call()
    except Exception as error:
        seen[name] = isinstance(error, NotFound)
        print(f"{name}: {type(error).__name__}, NotFound: {seen[name]}")
sys.exit(0 if seen == {name: name == "get" for name in calls} else 1)
END_PYTHON
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python missing.py
# Output seen:
#   get: ResourceDoesNotExist, NotFound: True
#   delete: InvalidParameterValue, NotFound: False
#   update: InvalidParameterValue, NotFound: False
#   reset: InvalidParameterValue, NotFound: False
#   run_now: InvalidParameterValue, NotFound: False
