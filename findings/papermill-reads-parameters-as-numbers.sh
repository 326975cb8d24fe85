#!/usr/bin/env bash
# papermill 2.7.0: a parameter given with -p becomes a number if Python can read its text as one.
# 0123 is written into the notebook as 123, 1.10 as 1.1, 2026_01 as 202601 and 12e4 as 120000.0, and
# the word nan becomes float('nan'). There is no warning. With -r, the text stays as it is.
# Parameters of Databricks jobs are text. A notebook of a job that is tested with papermill, with
# the parameters of the job, gets other values than in the workspace: the account 0123 is not found,
# the test reads release 1.1, and a month becomes a number. What the test has checked is not what
# the job does. Pass the parameters with -r.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet papermill==2.7.0
cat >notebook.py <<'PY'
import json, sys
if sys.argv[1] == "write":
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "source": ['account = ""\n']}
    cell["metadata"] = {"tags": ["parameters"]}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    notebook = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}
    json.dump(notebook, open("load.ipynb", "w"))
else:
    sys.stdout.write("".join(json.load(open("prepared.ipynb"))["cells"][1]["source"]))
PY
python3 notebook.py write
v/bin/papermill --prepare-only load.ipynb prepared.ipynb -p account 0123 -p release 1.10 \
  -p month 2026_01 -p batch 12e4 -p region nan -r raw 0123 2>log || { cat log; exit 1; }
python3 notebook.py read | tee found
diff found - <<'END_SEEN'
# Parameters
account = 123
release = 1.1
month = 202601
batch = 120000.0
region = float('nan')
raw = "0123"
END_SEEN
