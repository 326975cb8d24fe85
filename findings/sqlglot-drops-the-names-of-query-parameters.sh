#!/usr/bin/env bash
# sqlglot 30.30.0: transpile(..., read="databricks", write="databricks") replaces each {{ day }} by
# {?}. The names of the parameters are gone, and there is neither an error nor a warning. Parameters
# of the form :day are kept.
# {{ day }} is the older syntax of parameters in Databricks SQL queries, and the one of dbt: queries
# in repositories of jobs are full of it. A formatter or a rename of tables with sqlglot rewrites
# the files, and the names cannot be recovered from the result. A comparison of formatted queries,
# which should show whether a query has changed, finds queries on two catalogs equal.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet sqlglot==30.30.0
v/bin/python - <<'PY' | tee seen
import sqlglot

for query in (
    "SELECT * FROM orders WHERE day = {{ day }} AND region = {{ region }}",
    "SELECT * FROM {{ catalog }}.sales.orders",
    "SELECT * FROM orders WHERE day = :day",
):
    print(sqlglot.transpile(query, read="databricks", write="databricks")[0])
PY
diff seen - <<'END_SEEN'
SELECT * FROM orders WHERE day = {?} AND region = {?}
SELECT * FROM {?}.sales.orders
SELECT * FROM orders WHERE day = :day
END_SEEN
