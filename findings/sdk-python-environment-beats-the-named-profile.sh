#!/usr/bin/env bash
# databricks-sdk (Python) 0.162.0: WorkspaceClient(profile="prod") does not talk to the host of the
# profile "prod" if DATABRICKS_HOST is set: environment variables take precedence over the profile
# that the code names, without a warning. In the old CLI (databricks-cli 0.18.0) it is the other way
# round: the variables take precedence over the default profile only, and `--profile prod` selects
# the profile.
# On a laptop or in a pipeline that exports DATABRICKS_HOST and DATABRICKS_TOKEN for development, a
# script that was moved from the old CLI to the SDK names "prod" in its code and changes jobs in
# development; a comparison of dev and prod finds no difference. Pass host and token, or unset the
# variables. Only requests to this machine are made.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet databricks-sdk==0.162.0 databricks-cli==0.18.0 setuptools==80.9.0
cat > profiles.py <<'END_PYTHON'
import http.server, json, logging, os, sys, threading

class Workspace(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.server.name
        known = self.path.split("?")[0].endswith("/jobs/list")
        data = json.dumps({"jobs": [{"job_id": 1, "settings": {"name": name}}]} if known else {}).encode()
        self.send_response(200 if known else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

def start(name):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Workspace)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port

development = f"http://127.0.0.1:{start('job in development')}"
production = f"http://localhost:{start('job in production')}"
with open(os.path.expanduser("~/.databrickscfg"), "w") as file:
    file.write(f"[prod]\nhost = {production}\ntoken = not-a-real-token\n")
os.environ["DATABRICKS_HOST"] = development
os.environ["DATABRICKS_TOKEN"] = "not-a-real-token"
logging.disable(logging.WARNING)

from databricks.sdk import WorkspaceClient

(job,) = WorkspaceClient(profile="prod").jobs.list()
print('databricks-sdk, profile="prod":', job.settings.name)

import click, click.testing
from urllib.parse import urlsplit
from databricks_cli.configure.config import profile_option, provide_api_client

@click.command()
@profile_option
@provide_api_client
def where(api_client):
    click.echo(urlsplit(api_client.url).hostname)

host = click.testing.CliRunner().invoke(where, ["--profile", "prod"]).output.strip()
print("databricks-cli, --profile prod: host", host)
sys.exit(0 if (job.settings.name, host) == ("job in development", "localhost") else 1)
END_PYTHON
export HOME=$PWD
env -u DATABRICKS_CONFIG_PROFILE -u DATABRICKS_CONFIG_FILE v/bin/python profiles.py
# Output seen, with localhost as the host of the profile and 127.0.0.1 in DATABRICKS_HOST:
#   databricks-sdk, profile="prod": job in development
#   databricks-cli, --profile prod: host localhost
