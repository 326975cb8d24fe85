#!/usr/bin/env bash
# Terraform 1.11.4: yamldecode turns an unquoted date into a time stamp in a string: 2026-01-05
# becomes "2026-01-05T00:00:00Z", and so does 2026-1-5. Other unquoted values of parameters stay as
# they are written: 2026-01, 12:30, 2026-01-05T06:00:00. In PyYAML 6.0.3 a date is a date, and
# str() returns the text of the file.
# Jobs whose settings are YAML files, read by yamldecode(file(...)), have dates as parameters: the
# first day of a backfill, the date of a cutover. The parameter is a string for the provider, so
# plan and apply succeed. The notebook compares the date with a partition and finds no row, or the
# conversion with the format yyyy-MM-dd fails. A test of the same file in Python passes. Quote
# dates.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >job.yaml <<'YAML'
parameters:
  day: 2026-01-05
  short: 2026-1-5
  quoted: "2026-01-05"
  month: 2026-01
  start: 2026-01-05T06:00:00
YAML
echo 'jsonencode(yamldecode(file("job.yaml")).parameters)' | terraform console | sed 's/\\//g' | tee seen
diff seen - <<'END_SEEN'
"{"day":"2026-01-05T00:00:00Z","month":"2026-01","quoted":"2026-01-05","short":"2026-01-05T00:00:00Z","start":"2026-01-05T06:00:00"}"
END_SEEN
python3 -m venv v
v/bin/pip install --quiet PyYAML==6.0.3
v/bin/python - <<'PY' | tee seen
import yaml
parameters = yaml.safe_load(open("job.yaml"))["parameters"]
print(*(str(parameters[name]) for name in ("day", "quoted")))
PY
[ "$(cat seen)" = "2026-01-05 2026-01-05" ]
