#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: a POST is sent again after a lost connection, even if it is not
# idempotent. If the workspace accepted jobs/run-now and its response was lost, it starts a second
# run, and run_now returns the second one without a word about the first. The same client does not
# repeat the call after an HTTP 500, where the outcome is equally unknown.
# A deployment that ends with run_now (a backfill, a smoke test) processes the data twice, and the
# run id in its log is not the one that started first. run_now and submit take an idempotency_token,
# which makes the repetition harmless; jobs/create has no such field, so two jobs with the same name
# remain.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat > calls.py <<'END_PYTHON'
import http.server, json, logging, socket, sys, threading

class Workspace(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    accepted = []
    fault = None

    def do_POST(self):
        path = self.path.rsplit("/", 1)[1]
        self.rfile.read(int(self.headers["Content-Length"]))
        self.accepted.append(path)
        first = len(self.accepted) == 1
        if first and self.fault == "lost answer":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        number = len(self.accepted)
        body = {"run_id": number, "job_id": number, "error_code": "INTERNAL_ERROR", "message": "unknown outcome"}
        self.answer(500 if first else 200, body)

    def do_GET(self):
        self.answer(404, {})

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
cases = [
    ("lost answer", "run_now", lambda: client.jobs.run_now(job_id=5).run_id),
    ("lost answer", "create", lambda: client.jobs.create(name="nightly").job_id),
    ("HTTP 500", "run_now", lambda: client.jobs.run_now(job_id=5).run_id),
]
seen = []
for Workspace.fault, name, call in cases:
    Workspace.accepted.clear()
    try:
        result = f"returned id {call()}"
    except Exception as error:
        result = f"raised {type(error).__name__}"
    seen.append((len(Workspace.accepted), result))
    print(f"{Workspace.fault}, {name}: the workspace accepted {Workspace.accepted}, the SDK {result}")
sys.exit(0 if seen == [(2, "returned id 2"), (2, "returned id 2"), (1, "raised InternalError")] else 1)
END_PYTHON
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python calls.py
# Output seen:
#   lost answer, run_now: the workspace accepted ['run-now', 'run-now'], the SDK returned id 2
#   lost answer, create: the workspace accepted ['create', 'create'], the SDK returned id 2
#   HTTP 500, run_now: the workspace accepted ['run-now'], the SDK raised InternalError
