#!/usr/bin/env bash
# mlflow-skinny 3.17.2: the property `version` of a model version has the type hint str. It is a text
# if the registry is a server, such as a Databricks workspace, and a number if the registry is a
# local database (sqlite). Of the same 11 versions, max(versions, key=lambda it: it.version) returns
# version 11 from the database and version 9 from the server, because "9" is after "11".
# Deployments take the newest version of a model this way and write it into the parameters of a
# scoring job. The test with the local registry passes, and the deployment is right up to version 9;
# from version 10 on, the job keeps version 9. Compare int(it.version).
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet mlflow-skinny==3.17.2 sqlalchemy==2.1.9 alembic==1.20.1
cat >newest.py <<'PY'
import http.server, json, logging, threading, warnings
logging.disable(logging.WARNING)
warnings.simplefilter("ignore")
from mlflow import MlflowClient

class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        versions = [{"name": "orders", "version": str(number)} for number in range(1, 12)]
        data = json.dumps({"model_versions": versions}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
database = MlflowClient(tracking_uri="sqlite:///test.db", registry_uri="sqlite:///test.db")
database.create_registered_model("orders")
for _ in range(11):
    database.create_model_version("orders", source="dbfs:/models/orders")
url = f"http://127.0.0.1:{server.server_port}"
for name, client in (("sqlite", database), ("server", MlflowClient(tracking_uri=url, registry_uri=url))):
    versions = client.search_model_versions("name = 'orders'")
    newest = max(versions, key=lambda it: it.version)
    print(f"{name}: {len(versions)} versions, the newest is {newest.version!r}")
PY
HOME=$PWD v/bin/python newest.py 2>errors | tee found || cat errors
diff found - <<'END_SEEN'
sqlite: 11 versions, the newest is 11
server: 11 versions, the newest is '9'
END_SEEN
