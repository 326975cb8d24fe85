# Databricks notebook source
# MAGIC %md
# MAGIC # Transform data
# MAGIC Adds up the records of one day, and writes one line per currency to `dbfs:/tmp/daily-etl/daily_events`.

# COMMAND ----------

dbutils.widgets.text("input_path", "s3://raw-data/", "Folder of the raw files, kept for lineage")
dbutils.widgets.text("input_date", "", "Day to transform, as 2024-01-01 (empty: today)")

# COMMAND ----------

import csv
import json
import os
from datetime import date
from decimal import Decimal

input_path = dbutils.widgets.get("input_path")
input_date = dbutils.widgets.get("input_date") or date.today().isoformat()

# COMMAND ----------

with open(f"/dbfs/tmp/daily-etl/raw_events/{input_date}.jsonl") as file:
    events = [json.loads(line) for line in file]

# The same record may be in two files of the day.
unique = {event["id"]: event for event in events}.values()
expected = dbutils.jobs.taskValues.get(taskKey="ingest", key="rows", default=len(events), debugValue=len(events))
assert len(events) == expected, f"{expected} records were ingested, but the file contains {len(events)}"

# COMMAND ----------

totals = {}
for event in unique:
    totals[event["currency"]] = totals.get(event["currency"], Decimal(0)) + Decimal(str(event["amount"]))

folder = "/dbfs/tmp/daily-etl/daily_events"
os.makedirs(folder, exist_ok=True)
with open(f"{folder}/{input_date}.csv", "w", newline="") as out:
    writer = csv.writer(out)
    writer.writerow(["day", "currency", "amount", "source"])
    for currency, amount in sorted(totals.items()):
        writer.writerow([input_date, currency, amount, input_path])
        print(f"{input_date} {currency} {amount}")

dbutils.notebook.exit(", ".join(f"{currency} {amount}" for currency, amount in sorted(totals.items())))
