# Databricks notebook source
# MAGIC %md
# MAGIC # Ingest raw data
# MAGIC Reads the raw files of one day (a JSON object a line), validates them, and writes the good records to `dbfs:/tmp/daily-etl/raw_events`.

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
    """Why a record cannot be used, or None."""
    if not isinstance(record.get("id"), int):
        return "it has no id"
    if not isinstance(record.get("amount"), (int, float)):
        return "its amount is not a number"
    if len(record.get("currency") or "") != 3:
        return "its currency is not a code of three letters"
    return None


of_the_day = [record for record in records if str(record.get("at", "")).startswith(input_date)]
good = [record for record in of_the_day if problem(record) is None]
for record in of_the_day:
    if problem(record) is not None:
        print(f"left out, {problem(record)}: {record}")

# COMMAND ----------

# One day is written as a whole, so that running it again does not double it.
folder = "/dbfs/tmp/daily-etl/raw_events"
os.makedirs(folder, exist_ok=True)
with open(f"{folder}/{input_date}.jsonl", "w") as out:
    for record in good:
        out.write(json.dumps(record) + "\n")

dbutils.jobs.taskValues.set(key="rows", value=len(good))
print(f"{len(good)} of {len(of_the_day)} records of {input_date} written")
dbutils.notebook.exit(str(len(good)))
