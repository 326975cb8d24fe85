#!/usr/bin/env bash
# black 26.10.1 and ruff 0.17.6 on an .ipynb: Databricks marks the language of a cell with a single
# percent sign in its first line (%sh, %r), also in exported notebooks. Both formatters know the
# cell magics of Jupyter, with two of them. For both, %sh is a magic of one line, and the rest of
# the cell is Python. A shell or R cell that happens to be valid Python is reformatted: `df -h`
# becomes `df - h`, `ls -la /tmp` becomes `ls - la / tmp`, and R's assignment `n <-5` becomes the
# comparison `n < -5`, which leaves an existing n as it was. The exit code is 0.
# A pre-commit hook over a repository of jobs changes what these cells run, and a reviewer expects
# no such change in a commit named "format". Exclude notebooks with cells in other languages.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet "black[jupyter]==26.10.1" ruff==0.17.6
cat >notebook.py <<'PY'
import json, sys
if sys.argv[1] == "write":
    sources = ["%sh\ndf -h\n", "%sh\nls -la /tmp\n", "%r\nn <-5\n"]
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    language = {"language_info": {"name": "python"}}
    cells = [{**cell, "source": source.splitlines(keepends=True)} for source in sources]
    json.dump({"cells": cells, "metadata": language, "nbformat": 4, "nbformat_minor": 0}, open("load.ipynb", "w"))
else:
    print(sys.argv[2], ["".join(cell["source"]) for cell in json.load(open("load.ipynb"))["cells"]])
PY
for tool in "black --quiet" "ruff format --quiet"; do
  python3 notebook.py write
  # The option of each tool is a word of its own.
  # shellcheck disable=SC2086
  v/bin/$tool load.ipynb
  python3 notebook.py read "${tool%% *}:"
done | tee found
diff found - <<'END_SEEN'
black: ['%sh\ndf - h', '%sh\nls - la / tmp', '%r\nn < -5']
ruff: ['%sh\ndf - h', '%sh\nls - la / tmp', '%r\nn < -5']
END_SEEN
