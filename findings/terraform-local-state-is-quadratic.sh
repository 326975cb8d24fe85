#!/usr/bin/env bash
# Terraform 1.11.4: with a state in a local file, a first apply takes processor time that grows
# nearly with the square of the resources; with the `http` backend it grows linearly. After each
# resource Terraform encodes the whole state: the new one and the one it read at the start, to
# compare them, and once more to write the file. Other backends get the state every 20 seconds.
# Seen, in processor time, with 14 KB per resource, about the size of a Databricks job of ten tasks
# in a state: 80 resources 5.3 s with a local file and 1.7 s with `http`, 240 resources 33.1 s and
# 5.1 s.
# With hundreds of jobs in one stack and the default backend, each first deploy and destroy takes
# this time: use smaller stacks or a remote backend. This script uses only the built-in
# terraform_data.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 - <<'PY'
import http.server, json, os, subprocess, sys, threading

class State(http.server.BaseHTTPRequestHandler):
    state, writes = b"", 0
    def do_GET(self):
        self.send_response(200 if State.state else 204)
        self.end_headers()
        self.wfile.write(State.state)
    def do_POST(self):
        State.state = self.rfile.read(int(self.headers["content-length"]))
        State.writes += 1
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), State)
threading.Thread(target=server.serve_forever, daemon=True).start()

def seconds(backend, count):
    """Processor seconds of an apply of a saved plan."""
    State.state, State.writes = b"", 0
    folder = f"{backend}-{count}"
    os.mkdir(folder)
    tasks = [{"key": f"task_{at}", "text": "x" * 1400} for at in range(10)]
    settings = {"address": f"http://127.0.0.1:{server.server_port}/"} if backend == "http" else {}
    resources = {f"job_{at}": {"input": tasks} for at in range(count)}
    json.dump({"terraform": {"backend": {backend: settings}}, "resource": {"terraform_data": resources}}, open(f"{folder}/main.tf.json", "w"))
    def terraform(*words):
        subprocess.run(["terraform", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    terraform("init", "-input=false")
    terraform("plan", "-input=false", "-out=saved")
    before = os.times()
    terraform("apply", "-input=false", "saved")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system

found = {(backend, count): seconds(backend, count) for backend in ("local", "http") for count in (80, 240)}
for (backend, count), value in found.items():
    print(f"apply of {count} resources, state in {'a local file' if backend == 'local' else 'the http backend'}: {value:.1f} s")
small, large = (found["local", count] / found["http", count] for count in (80, 240))
print(f"the local file takes {small:.1f} and {large:.1f} times as long")
if large < 3 or large < 1.3 * small:
    print("changed: the local file no longer takes three times as long, or the ratio no longer grows with the resources")
    sys.exit(1)
PY
