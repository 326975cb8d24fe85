#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: clusters.select_node_type(graviton=False) returns a Graviton node
# if it is the smallest one that meets the other conditions. False has the same effect as leaving
# the parameter out. local_disk and the photon parameters work the same way; min_gpus=0 is the only
# condition that excludes nodes.
# Code that creates job clusters asks for the smallest node and writes graviton=False because the
# wheels, jars or init scripts of the job contain machine code for x86. The call accepts it, and the
# cluster gets a node with another processor. With select_spark_version, where graviton=False does
# exclude the runtimes for Graviton, the runtime and the node do not fit together. Filter
# clusters.list_node_types() by is_graviton instead.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0
cat > nodes.py <<'END_PYTHON'
import http.server, json, logging, threading

def node(name, memory_mb, is_graviton):
    type_ = {"node_type_id": name, "instance_type_id": name, "memory_mb": memory_mb, "num_cores": 2.0, "num_gpus": 0}
    return {**type_, "is_deprecated": False, "is_graviton": is_graviton, "category": "General Purpose"}

def runtime(key):
    return {"key": key, "name": "16.4 LTS (includes Apache Spark 3.5.2, Scala 2.12)"}

class Workspace(http.server.BaseHTTPRequestHandler):
    answers = {
        "list-node-types": {"node_types": [node("r5.large", 16384, False), node("m6g.large", 8192, True)]},
        "spark-versions": {"versions": [runtime("16.4.x-aarch64-scala2.12"), runtime("16.4.x-scala2.12")]},
    }

    def do_GET(self):
        body = self.answers.get(self.path.split("?")[0].rsplit("/", 1)[1])
        data = json.dumps(body or {}).encode()
        self.send_response(200 if body else 404)
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
is_graviton = {it.node_type_id: it.is_graviton for it in clusters.list_node_types().node_types}
for wanted in (True, False):
    name = clusters.select_node_type(min_memory_gb=8, graviton=wanted)
    runtime_key = clusters.select_spark_version(long_term_support=True, graviton=wanted)
    print(f"graviton={wanted}: {name}, is_graviton {is_graviton[name]}; runtime {runtime_key}")
END_PYTHON
HOME=$PWD env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python nodes.py | tee found
diff found - <<'END_SEEN'
graviton=True: m6g.large, is_graviton True; runtime 16.4.x-aarch64-scala2.12
graviton=False: m6g.large, is_graviton True; runtime 16.4.x-scala2.12
END_SEEN
