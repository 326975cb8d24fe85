#!/usr/bin/env bash
# jupytext 1.19.6: a notebook in Databricks' SOURCE format is not one of its formats; it is read as
# a "light" script without a warning. "# COMMAND ----------" becomes a text cell of its own, and the
# %sql and %md cells after "# MAGIC" become text: the SQL is no longer code. Converting a repository
# of exported notebooks to .ipynb this way gives notebooks that open, run without error, and skip
# every SQL cell.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet jupytext==1.19.6
cat > load.py <<'END'
# Databricks notebook source
a = 1

# COMMAND ----------

# MAGIC %sql
# MAGIC select * from orders

# COMMAND ----------

print(a)
END
v/bin/python - <<'END'
import sys, jupytext

notebook = jupytext.read("load.py")
kinds = [(cell.cell_type, cell.source.splitlines()[0]) for cell in notebook.cells]
print(notebook.metadata["jupytext"]["text_representation"]["format_name"], kinds)
as_seen = ("markdown", "MAGIC %sql") in kinds and ("markdown", "COMMAND ----------") in kinds
sys.exit(0 if as_seen else 1)
END
# Output seen: light [('code', '# Databricks notebook source'), ('markdown', 'COMMAND ----------'), ('markdown', 'MAGIC %sql'), ('markdown', 'COMMAND ----------'), ('code', 'print(a)')]
