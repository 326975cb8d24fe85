#!/usr/bin/env bash
# Terraform 1.11.4: in formatdate(), HH is the hour of a 12-hour clock and hh that of a 24-hour
# clock. In Spark, Java, .NET and moment.js, HH is the one with 24 hours. "YYYYMMDD-HHmm" is
# accepted without the verb for AM and PM, and gives the same name at 6:30 and at 18:30.
# It is documented, but nothing in the result shows it before noon. Versions of wheels, paths of
# notebooks and tags of Databricks jobs contain the time of the deployment in this form: the release
# in the evening overwrites the one of the morning, and one from 13:00 sorts before one from 9:00. A
# SQL task that formats the same time with the same letters for hour and minute gets another text.
set -euo pipefail
unset TF_CLI_CONFIG_FILE
command -v terraform >/dev/null || { echo "needs terraform 1.11.4 on the PATH"; exit 2; }
terraform version | sed -n 1p
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
format() { echo "formatdate(\"YYYYMMDD-$1\", \"2026-01-05T$2:00Z\")" | terraform console; }
for time in 06:30 18:30; do echo "$time: HHmm $(format HHmm $time), hhmm $(format hhmm $time)"; done | tee seen
diff seen - <<'END_SEEN'
06:30: HHmm "20260105-0630", hhmm "20260105-0630"
18:30: HHmm "20260105-0630", hhmm "20260105-1830"
END_SEEN
