#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: clusters.select_spark_version(latest=True) returns the newest
# runtime for Scala 2.12, since the parameter `scala` has the default "2.12". Databricks Runtime
# 16.4 LTS exists for Scala 2.12 and 2.13, all later ones for 2.13 only. The call, also with
# long_term_support=True, therefore stays at 16.4, without a warning.
# Code that creates job clusters calls it to get the newest LTS runtime in each deployment. The
# signature shows the default, but a job in Python has no reason to choose a version of Scala, and
# nothing shows that the upgrades have stopped. Pass scala="2.13".
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat >newest.py <<'PY'
import http.server, json, logging, threading

runtimes = {
    "15.4.x-scala2.12": "15.4 LTS (includes Apache Spark 3.5.0, Scala 2.12)",
    "16.4.x-scala2.12": "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)",
    "16.4.x-scala2.13": "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.13)",
    "17.3.x-scala2.13": "17.3 LTS (includes Apache Spark 4.0.0, Scala 2.13)",
}

class Workspace(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = self.path.endswith("/clusters/spark-versions")
        body = {"versions": [{"key": key, "name": name} for key, name in runtimes.items()]}
        data = json.dumps(body if found else {}).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Workspace)
threading.Thread(target=server.serve_forever, daemon=True).start()
logging.disable(logging.WARNING)

from databricks.sdk import WorkspaceClient

clusters = WorkspaceClient(host=f"http://127.0.0.1:{server.server_port}", token="not-a-real-token").clusters
for options in ({"latest": True}, {"long_term_support": True}, {"scala": "2.13"}):
    print(options, clusters.select_spark_version(**options))
PY
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python newest.py | tee found
diff found - <<'END_SEEN'
{'latest': True} 16.4.x-scala2.12
{'long_term_support': True} 16.4.x-scala2.12
{'scala': '2.13'} 17.3.x-scala2.13
END_SEEN
