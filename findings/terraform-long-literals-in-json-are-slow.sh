#!/usr/bin/env bash
# Terraform 1.11.4: a long string in a .tf.json costs more than ten times the processor time of the
# same string read by file().
# Seen with 3.2 MB of base64: plan 6.6 s as a literal, 0.26 s by file(); apply 9.6 s and 0.85 s.
# This script uses only the built-in terraform_data.
# Every toolkit that synthesizes JSON (cdktf, cdktn) writes `content_base64` of notebooks, workspace
# files, init scripts and dashboards as such a literal, and pays this at each validate, plan, apply
# and destroy: give the resources `source`, or a file() expression, instead.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir literal function
python3 - <<'PY'
import base64, json, random
text = base64.b64encode(random.Random(1).randbytes(2_400_000)).decode()
open("content", "w").write(text)
for folder, value in (("literal", text), ("function", '${file("../content")}')):
    json.dump({"resource": {"terraform_data": {"a": {"input": value}}}}, open(f"{folder}/main.tf.json", "w"))
PY
# Processor seconds of a plan.
seconds() {
  python3 - "$1" <<'PY'
import os, subprocess, sys
subprocess.run(["terraform", "init", "-input=false"], cwd=sys.argv[1], check=True, stdout=subprocess.DEVNULL)
before = os.times()
subprocess.run(["terraform", "plan", "-input=false", "-out=saved"], cwd=sys.argv[1], check=True, stdout=subprocess.DEVNULL)
after = os.times()
print(round(after.children_user + after.children_system - before.children_user - before.children_system, 2))
PY
}
literal=$(seconds literal)
function=$(seconds function)
echo "plan with 3.2 MB as a literal: $literal s; by file(): $function s"
python3 -c "import sys; sys.exit(0 if $literal > 5 * $function else 1)" || { echo "changed: the literal is no longer five times as slow"; exit 1; }
