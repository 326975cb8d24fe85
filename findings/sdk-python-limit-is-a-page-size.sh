#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: the `limit` of jobs.list_runs is the size of a page, not the
# number of results. The iterator continues through all pages. A smaller limit returns the same runs
# with more requests: limit=1 sends one request for each run.
# list(client.jobs.list_runs(job_id=..., limit=1))[0] is a common way to read the last run of a job.
# It downloads the whole history, one request for each run, and gets slower with each run. Use
# next(iter(...)), which sends one request.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat > limit.py <<'END_PYTHON'
import http.server, json, logging, sys, threading
from urllib.parse import parse_qs, urlparse

class Workspace(http.server.BaseHTTPRequestHandler):
    requests = 0
    total = 60

    def do_GET(self):
        url = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if not url.path.endswith("/jobs/runs/list"):
            return self.answer(404, {})
        type(self).requests += 1
        start, limit = int(query.get("page_token", 0)), int(query.get("limit", 20))
        body = {"runs": [{"run_id": self.total - at} for at in range(start, min(start + limit, self.total))]}
        if start + limit < self.total:
            body.update(has_more=True, next_page_token=str(start + limit))
        self.answer(200, body)

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
cases = {
    "list, limit=1": lambda: len(list(client.jobs.list_runs(job_id=5, limit=1))),
    "list, limit=20": lambda: len(list(client.jobs.list_runs(job_id=5, limit=20))),
    "next, limit=1": lambda: len([next(iter(client.jobs.list_runs(job_id=5, limit=1)))]),
}
seen = []
for name, call in cases.items():
    Workspace.requests = 0
    seen.append((call(), Workspace.requests))
    print(f"{name}: {seen[-1][0]} runs from {seen[-1][1]} requests")
sys.exit(0 if seen == [(60, 60), (60, 3), (1, 1)] else 1)
END_PYTHON
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python limit.py
# Output seen:
#   list, limit=1: 60 runs from 60 requests
#   list, limit=20: 60 runs from 3 requests
#   next, limit=1: 1 runs from 1 requests
