#!/usr/bin/env bash
# reuse 6.2.0 (Python): `reuse annotate` writes its license header above the first line of a
# notebook in Databricks' SOURCE format. First lines with a meaning, such as "#!/usr/bin/env
# python3", stay in front of the header; "# Databricks notebook source" is not one of them.
# Databricks recognizes a notebook in a Git folder or a bundle by exactly this line as the first
# one. The annotated file is valid Python or SQL, and the diff adds only comments, but in the
# workspace it is a plain file: the notebook task of a job finds no notebook at its path, and the
# cells in other languages are comments. Exclude notebooks, and name them in REUSE.toml instead.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet reuse==6.2.0
cat > load.py <<'END_NOTEBOOK'
# Databricks notebook source
orders = spark.table("orders")

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT count(*) FROM orders
END_NOTEBOOK
cat > report.sql <<'END_NOTEBOOK'
-- Databricks notebook source
SELECT count(*) FROM orders

-- COMMAND ----------

SELECT max(day) FROM orders
END_NOTEBOOK
printf '#!/usr/bin/env python3\nprint("a script")\n' > script.py
v/bin/reuse annotate --copyright "Example Ltd" --year 2026 --license MIT load.py report.sql script.py
for file in load.py report.sql script.py; do echo "$file: $(head -1 $file)"; done | tee seen
diff seen - <<'END_SEEN'
load.py: # SPDX-FileCopyrightText: 2026 Example Ltd
report.sql: -- SPDX-FileCopyrightText: 2026 Example Ltd
script.py: #!/usr/bin/env python3
END_SEEN
