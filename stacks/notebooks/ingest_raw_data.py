# Databricks notebook source
# MAGIC %md
# MAGIC # Ingest raw data
# MAGIC Reads the raw files of one day (one JSON object per line), validates them, and writes the valid records to `dbfs:/tmp/daily-etl/raw_events`.

# COMMAND ----------

dbutils.widgets.text("input_path", "s3://raw-data/", "Folder of the raw files")
dbutils.widgets.text("input_date", "", "Day to ingest, as 2024-01-01 (empty: today)")

# COMMAND ----------

import json
import os
from datetime import date

input_path = dbutils.widgets.get("input_path").rstrip("/")
input_date = dbutils.widgets.get("input_date") or date.today().isoformat()

# COMMAND ----------

records = []
for file in dbutils.fs.ls(input_path):
    if file.name.endswith(".json"):
        lines = dbutils.fs.head(file.path, 10_000_000).splitlines()
        records += [json.loads(line) for line in lines if line.strip()]
print(f"{len(records)} records in {input_path}")

# COMMAND ----------


def problem(record):
    """Return the reason why a record is rejected, or None."""
    if not isinstance(record.get("id"), int):
        return "it has no id"
    if not isinstance(record.get("amount"), (int, float)):
        return "its amount is not a number"
    if len(record.get("currency") or "") != 3:
        return "its currency is not a code of three letters"
    return None


records_of_day = [record for record in records if str(record.get("at", "")).startswith(input_date)]
valid_records = [record for record in records_of_day if problem(record) is None]
for record in records_of_day:
    if problem(record) is not None:
        print(f"skipped: {problem(record)}: {record}")

# COMMAND ----------

# Overwrites the file of the day, so that a second run does not duplicate its records.
folder = "/dbfs/tmp/daily-etl/raw_events"
os.makedirs(folder, exist_ok=True)
with open(f"{folder}/{input_date}.jsonl", "w") as out:
    for record in valid_records:
        out.write(json.dumps(record) + "\n")

dbutils.jobs.taskValues.set(key="rows", value=len(valid_records))
print(f"{len(valid_records)} of {len(records_of_day)} records of {input_date} written")
dbutils.notebook.exit(str(len(valid_records)))
