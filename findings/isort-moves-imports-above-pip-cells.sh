#!/usr/bin/env bash
# isort 9.0.2: in a notebook in Databricks' SOURCE format, cells are comments ("# COMMAND
# ----------", "# MAGIC %pip install ..."). isort treats the imports around them as one block and
# moves all of them into the first cell, above the cell that installs the library. ruff 0.17.6 with
# the same rule (I) moves the comments together with the import that follows them, so the
# installation stays above its import.
# The sorted notebook is valid Python and passes isort's check. In the workspace it imports the
# version of the cluster, or none, before %pip installs the one that the job pins. Exclude notebooks
# from isort, or call dbutils.library.restartPython() after %pip: a statement ends the block.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet isort==9.0.2 ruff==0.17.6
cat > isort.py <<'END_NOTEBOOK'
# Databricks notebook source
import sys

# COMMAND ----------

# MAGIC %pip install orders-lib==1.4.0

# COMMAND ----------

import orders_lib
from datetime import date

orders_lib.load(date.today(), sys.argv)
END_NOTEBOOK
cp isort.py ruff.py
v/bin/isort --quiet isort.py
v/bin/isort --check-only isort.py
v/bin/ruff check --quiet --isolated --select I --fix ruff.py
order() { grep -o '^import orders_lib\|%pip install\|^from datetime' "$1" | tr '\n' ',' | sed 's/,$//; s/,/, /g'; }
for tool in isort ruff; do echo "$tool: $(order $tool.py)"; done | tee seen
diff seen - <<'END_SEEN'
isort: from datetime, import orders_lib, %pip install
ruff: from datetime, %pip install, import orders_lib
END_SEEN
# Output seen:
#   isort: from datetime, import orders_lib, %pip install
#   ruff: from datetime, %pip install, import orders_lib
