"""Provides modules that exist only on the platform (databricks.sdk.runtime, pyspark.dbutils), and errors for imports of a missing pyspark or SDK."""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys

NO_SPARK = (
    "this Python has no pyspark, so Spark cannot be used in the local workspace. Two ways out: install pyspark (and delta-spark) into the Python "
    "that runs the tasks (see --python), or script this task's outcome (docs/outcomes.md)"
)
NO_SDK = "this Python has no databricks-sdk: install it into the Python that runs the tasks (see --python)"


class _Loader(importlib.abc.Loader):
    def __init__(self, fill):
        self._fill = fill

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        self._fill(module)


class _PlatformModules(importlib.abc.MetaPathFinder):
    """Finds the platform's modules. It precedes the installed packages."""

    def __init__(self, fills):
        self._fills = fills

    def find_spec(self, name, path=None, target=None):
        fill = self._fills.get(name)
        return None if fill is None else importlib.machinery.ModuleSpec(name, _Loader(fill))


class _MissingModules(importlib.abc.MetaPathFinder):
    """Raises errors for missing packages, and finds empty packages for a missing SDK, so that databricks.sdk.runtime can be imported. It follows the installed packages."""

    def find_spec(self, name, path=None, target=None):
        if name in ("databricks", "databricks.sdk"):
            return importlib.machinery.ModuleSpec(name, _Loader(_fill_placeholder), is_package=True)
        if name in ("pyspark", "delta") or (name.startswith("pyspark.") and name != "pyspark.dbutils"):
            raise ModuleNotFoundError("No module named '%s': %s" % (name, NO_SPARK), name=name)
        if name.startswith("databricks.sdk."):
            raise ModuleNotFoundError("No module named '%s': %s" % (name, NO_SDK), name=name)
        return None


def _fill_placeholder(module):
    def missing(name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError("cannot import name '%s' from '%s': %s" % (name, module.__name__, NO_SDK), name=module.__name__)

    if module.__name__ == "databricks.sdk":
        module.__getattr__ = missing


def install(names):
    """Makes the platform's modules importable. @param names the variables that every notebook has"""

    def fill_runtime(module):
        module.__all__ = list(names)
        for name, value in names.items():
            setattr(module, name, value)

    def fill_dbutils(module):
        module.DBUtils = lambda spark=None: names["dbutils"]

    sys.meta_path.insert(0, _PlatformModules({"databricks.sdk.runtime": fill_runtime, "pyspark.dbutils": fill_dbutils}))
    sys.meta_path.append(_MissingModules())


def _mount_tables(folder):
    """Returns mount tables of Hadoop with which Spark finds /Volumes, /dbfs, /Workspace and dbfs:/ in the mapped folder."""
    table = "fs.viewfs.mounttable."
    folder_url = "file://" + folder
    return {
        "fs.defaultFS": "viewfs://workspace/",
        **{table + "workspace.link./" + name: folder_url + "/" + name for name in ("Volumes", "dbfs", "Workspace")},
        table + "workspace.linkFallback": "file:///",
        "fs.dbfs.impl": "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme",
        table + "default.link./Volumes": folder_url + "/Volumes",
        table + "default.linkFallback": folder_url + "/dbfs",
        # Writes no checksum file next to each file.
        "fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
        "fs.viewfs.overload.scheme.target.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
    }


class LazySpark:
    """The variable `spark`: a local session that starts on first use."""

    def __init__(self, app, mapped):
        warehouse = os.path.abspath(os.path.join(mapped, "..", "warehouse"))
        self.__dict__.update(_app=app, _mapped=os.path.abspath(mapped), _warehouse=warehouse, _session=None)

    def _start(self):
        if self._session is None:
            if not has_spark():
                raise RuntimeError(NO_SPARK)
            from pyspark.sql import SparkSession

            builder = (
                SparkSession.builder.master("local[2]")
                .appName(self._app)
                .config("spark.ui.enabled", "false")
                .config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.warehouse.dir", "file://" + self._warehouse)
                .config("spark.sql.legacy.createHiveTableByDefault", "false")
            )
            for name, value in _mount_tables(self._mapped).items():
                builder = builder.config("spark.hadoop." + name, value)
            try:
                from delta import configure_spark_with_delta_pip
            except ImportError:
                pass  # plain Spark: tables are Parquet
            else:
                builder = configure_spark_with_delta_pip(
                    builder.config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension").config(
                        "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog"
                    )
                )
            self.__dict__["_session"] = builder.getOrCreate()
        return self._session

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self._start(), name)

    def __setattr__(self, name, value):
        setattr(self._start(), name, value)

    def __repr__(self):
        return "<spark: a local session that starts on first use>" if self._session is None else repr(self._session)


class LazyContext:
    """The variable `sc`."""

    def __init__(self, spark):
        self.__dict__["_spark"] = spark

    def __getattr__(self, name):
        return getattr(self._spark.sparkContext, name)


def has_spark():
    try:
        return importlib.util.find_spec("pyspark") is not None
    except ModuleNotFoundError:
        return False


