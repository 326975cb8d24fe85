# Databricks notebook source
# MAGIC %md
# MAGIC # Ingest raw data
# MAGIC Reads the raw files of one day and appends them to the table `raw_events`.

# COMMAND ----------

dbutils.widgets.text("input_path", "s3://raw-data/", "Folder of the raw files")
dbutils.widgets.text("input_date", "", "Day to ingest, as 2024-01-01 (empty: today)")

# COMMAND ----------

from datetime import date

from pyspark.sql import functions as F

input_path = dbutils.widgets.get("input_path").rstrip("/")
input_date = dbutils.widgets.get("input_date") or date.today().isoformat()

# COMMAND ----------

raw = (
    spark.read.format("json")
    .load(f"{input_path}/{input_date}/")
    .withColumn("input_date", F.lit(input_date).cast("date"))
    .withColumn("ingested_at", F.current_timestamp())
)

# COMMAND ----------

# One day is written as a whole, so that running it again does not double it.
raw.write.mode("overwrite").option("replaceWhere", f"input_date = '{input_date}'").saveAsTable("raw_events")

rows = spark.table("raw_events").where(F.col("input_date") == input_date).count()
dbutils.jobs.taskValues.set(key="rows", value=rows)
dbutils.notebook.exit(str(rows))
