#!/usr/bin/env bash
# dbt-core 1.10.13 with dbt-duckdb 1.9.6: the text of --vars is YAML 1.1. {start: 12:30} is the
# number 750 (base 60), {month: 2026_01} is 202601, {account: 0123} is 83 (octal). The compiled SQL
# contains these numbers, without a warning. 06:05 and 2026-01 stay as they are written.
# A dbt task of a Databricks job has its commands in the job's settings, and passes job parameters
# as in --vars '{start: {{job.parameters.start}}}'. The run at 06:05 loads its data, the one at
# 12:30 compares a column with '750', and both succeed. Quote the values in JSON, as in '{"start":
# "{{job.parameters.start}}"}'.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet dbt-core==1.10.13 dbt-duckdb==1.9.6 dbt-adapters==1.24.5 dbt-common==1.39.0
mkdir models
cat > dbt_project.yml <<'YAML'
name: orders
version: "1.0"
profile: orders
YAML
cat > profiles.yml <<'YAML'
orders:
  target: local
  outputs:
    local: { type: duckdb, path: ":memory:" }
YAML
echo "select '{{ var('start') }}', '{{ var('month') }}', '{{ var('account') }}'" > models/load.sql
compiled() {
  v/bin/dbt --quiet compile --no-send-anonymous-usage-stats --profiles-dir . --vars "$1" >log 2>&1 || { cat log; exit 1; }
  echo "$1"
  echo "  $(cat target/compiled/orders/models/load.sql)"
}
{
  compiled "{start: 06:05, month: 2026-01, account: a123}"
  compiled "{start: 12:30, month: 2026_01, account: 0123}"
  compiled '{"start": "12:30", "month": "2026_01", "account": "0123"}'
} | tee seen
grep '^  ' seen | diff - <(cat <<'END_SEEN'
  select '06:05', '2026-01', 'a123'
  select '750', '202601', '83'
  select '12:30', '2026_01', '0123'
END_SEEN
)
