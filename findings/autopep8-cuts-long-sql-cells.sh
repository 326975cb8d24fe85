#!/usr/bin/env bash
# autopep8 2.3.2 with --aggressive: a comment that is too long for a line is wrapped, and the new
# line starts with "# ". In a notebook in Databricks' SOURCE format, SQL cells are comments that
# start with "# MAGIC": the second half of a long query is no longer marked as SQL.
# In this notebook, the cell that deletes the orders of one day loses its WHERE clause. What remains
# after "# MAGIC" is valid SQL and deletes every order. The file is valid Python before and after,
# and the diff of the formatter looks like one of a comment.
# Exclude notebooks from autopep8, or ignore its rule E501.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet autopep8==2.3.2
cat >load.py <<'PY'
# Databricks notebook source
day = dbutils.widgets.get("day")

# COMMAND ----------

# MAGIC %sql
# MAGIC delete from sales.emea.orders_received_from_the_partner_shops where order_date = :day
PY
v/bin/autopep8 --aggressive --in-place load.py
tail -n 3 load.py | tee found
python3 -m py_compile load.py
diff found - <<'END_SEEN'
# MAGIC %sql
# MAGIC delete from sales.emea.orders_received_from_the_partner_shops
# where order_date = :day
END_SEEN
