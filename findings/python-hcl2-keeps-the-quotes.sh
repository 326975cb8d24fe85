#!/usr/bin/env bash
# python-hcl2 8.1.4: strings and block labels come back with their quotation marks
# ("\"databricks_job\""), and each block gets an entry __is_block__. Up to 7.3, they came back
# without quotation marks. A script that collects the jobs of a Terraform repository with
# config["resource"][i]["databricks_job"] finds none after the upgrade and reports an empty list;
# .get() hides even the KeyError.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
cat > main.tf <<'END'
resource "databricks_job" "etl" {
  name = "daily-etl"
  task {
    task_key = "ingest"
  }
}
END
cat > read.py <<'END'
import hcl2, json
with open("main.tf") as file:
    (resource,) = hcl2.load(file)["resource"]
print(json.dumps(resource))
END
v/bin/pip install --quiet python-hcl2==7.3.1
before=$(v/bin/python read.py)
v/bin/pip install --quiet python-hcl2==8.1.4
after=$(v/bin/python read.py)
printf '7.3.1: %s\n8.1.4: %s\n' "$before" "$after"
[[ $before == '{"databricks_job": {"etl": {"name": "daily-etl"'* && $after == '{"\"databricks_job\"": {"\"etl\"": {"name": "\"daily-etl\""'*__is_block__* ]]
