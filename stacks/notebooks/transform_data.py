# Databricks notebook source
# MAGIC %md
# MAGIC # Transform data
# MAGIC Cleans what was ingested for one day and writes it to the table `daily_events`.

# COMMAND ----------

dbutils.widgets.text("input_path", "s3://raw-data/", "Folder of the raw files, kept for lineage")
dbutils.widgets.text("input_date", "", "Day to transform, as 2024-01-01 (empty: today)")

# COMMAND ----------

from datetime import date

from pyspark.sql import functions as F

input_path = dbutils.widgets.get("input_path")
input_date = dbutils.widgets.get("input_date") or date.today().isoformat()

# COMMAND ----------

events = (
    spark.table("raw_events")
    .where(F.col("input_date") == input_date)
    .dropDuplicates(["id"])
    .where(F.col("amount").isNotNull())
    .withColumn("amount", F.col("amount").cast("decimal(18,2)"))
    .withColumn("source", F.lit(input_path))
)

# COMMAND ----------

events.write.mode("overwrite").option("replaceWhere", f"input_date = '{input_date}'").saveAsTable("daily_events")
dbutils.notebook.exit(str(events.count()))
