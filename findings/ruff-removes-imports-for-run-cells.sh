#!/usr/bin/env bash
# ruff 0.17.6: `ruff check --fix` removes an import that its file does not use (F401, one of the
# default rules). In a notebook in Databricks' SOURCE format, "# MAGIC %run ./helpers" runs another
# notebook in the same namespace, and for ruff it is a comment. An import that only the functions of
# the helpers use is removed, as a safe fix.
# The notebook is valid Python. F821 (undefined names) is ignored below, because each name that
# comes from a %run violates it; then the check is green. The job fails at the first call of the
# helper, with a NameError in a file that nobody has changed. The run below puts both notebooks into
# one namespace, as %run does. Let each notebook import what it uses itself, or set per-file-ignores
# for F401.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet ruff==0.17.6
cat >helpers.py <<'PY'
# Databricks notebook source
def parameters(text):
    return json.loads(text)["parameters"]
PY
cat >load.py <<'PY'
# Databricks notebook source
import json

# COMMAND ----------

# MAGIC %run ./helpers

# COMMAND ----------

print(parameters('{"parameters": ["2026-01-05"]}'))
PY
cat >run.py <<'PY'
namespace = {}
for name in ("helpers.py", "load.py"):
    text = open(name).read()
    if name == "load.py":
        assert "# MAGIC %run ./helpers" in text
    try:
        exec(text, namespace)
    except NameError as error:
        print("NameError:", error)
PY
{
  python3 run.py
  v/bin/ruff check --quiet --fix --ignore F821 load.py
  head -n 5 load.py
  python3 run.py
} | tee found
diff found - <<'END_SEEN'
['2026-01-05']
# Databricks notebook source

# COMMAND ----------

# MAGIC %run ./helpers
NameError: name 'json' is not defined
END_SEEN
