#!/usr/bin/env bash
# Terraform 1.11.4, http backend: a state moved into an empty backend gets a new lineage and serial
# 1, with exit code 0 and no message. `terraform init -migrate-state` from a local state (lineage L,
# serial 3) writes the same resources under a new lineage.
# Tools often store lineage and serial elsewhere (in a deployment record, a backup, a lock) to
# detect a foreign or an older state. After the move to another backend, the stored values no longer
# match, although nothing was deployed in between.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"
cat > server.py <<'PY'
import http.server, os
class State(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        found = os.path.exists("kept.json")
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(open("kept.json", "rb").read())
    def do_POST(self):
        open("kept.json", "wb").write(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), State)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 server.py > port & server=$!
until [ -s port ]; do sleep 0.1; done
told() { python3 -c 'import json,sys; s=json.load(open(sys.argv[1])); print(s["serial"], s["lineage"], len(s["resources"]))' "$1"; }
for value in a b; do
  printf 'resource "terraform_data" "one" { input = "%s" }\n' "$value" > main.tf
  terraform init -input=false >/dev/null
  terraform apply -auto-approve -input=false >/dev/null
done
read -r serial lineage count <<< "$(told terraform.tfstate)"
echo "local: serial $serial, lineage $lineage, $count resource"
printf 'terraform {\n  backend "http" { address = "http://127.0.0.1:%s/" }\n}\n' "$(cat port)" > backend.tf
terraform init -input=false -migrate-state -force-copy >/dev/null
read -r new_serial new_lineage new_count <<< "$(told kept.json)"
echo "http:  serial $new_serial, lineage $new_lineage, $new_count resource"
[ "$count" = "$new_count" ] && [ "$lineage" != "$new_lineage" ] && [ "$new_serial" = 1 ] && [ "$serial" -gt 1 ]
# Output seen:
#   Terraform v1.11.4
#   local: serial 3, lineage 600fe84f-7820-b633-dff2-75fb3061747e, 1 resource
#   http:  serial 1, lineage 3ceec476-4bd0-aeb7-29fd-aa7fbdffe337, 1 resource
