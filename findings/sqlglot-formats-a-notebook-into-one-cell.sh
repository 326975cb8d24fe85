#!/usr/bin/env bash
# sqlglot 30.30.0: transpile(..., read="databricks", write="databricks") writes every comment as
# /* ... */. In a SQL notebook in Databricks' SOURCE format, the comments are the format: the first
# line marks the file as a notebook, "-- COMMAND ----------" separates the cells, and "-- MAGIC"
# marks cells of other languages. After formatting, none of these lines is left.
# The statements are the same, so a comparison of the SQL finds no difference. But the file is no
# notebook any more: its cells are one script, its %python and %md cells are comments, and the
# notebook task of a job finds a file of another kind at its path. Split the notebook into cells,
# and format each SQL cell.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet sqlglot==30.30.0
cat >load.sql <<'SQL'
-- Databricks notebook source
CREATE TABLE orders AS SELECT * FROM raw;

-- COMMAND ----------

-- MAGIC %python
-- MAGIC check(spark.table("orders"))

-- COMMAND ----------

SELECT count(*) FROM orders
SQL
v/bin/python - <<'PY' | tee found
import sqlglot
statements = sqlglot.transpile(open("load.sql").read(), read="databricks", write="databricks", pretty=True)
print(";\n".join(statements))
PY
grep -q '^/\* Databricks notebook source \*/$' found
grep -q '^/\* COMMAND ---------- \*/$' found
! grep -q '^--' found
