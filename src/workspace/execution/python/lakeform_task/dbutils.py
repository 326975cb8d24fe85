"""Implements dbutils with the workspace's REST API."""

import base64
import collections
import json
import time

from . import channel

FileInfo = collections.namedtuple("FileInfo", ["path", "name", "size", "modificationTime"])
FileInfo.isDir = lambda self: self.name.endswith("/")
FileInfo.isFile = lambda self: not self.isDir()
SecretMetadata = collections.namedtuple("SecretMetadata", ["key"])
SecretScope = collections.namedtuple("SecretScope", ["name"])
MountInfo = collections.namedtuple("MountInfo", ["mountPoint", "source", "encryptionType"])

_VALUE_LIMIT = 48 * 1024


class NotebookExit(BaseException):
    """Raised by dbutils.notebook.exit. `except Exception` in the notebook does not catch it."""

    def __init__(self, value):
        super().__init__(value)
        self.value = value


class RestartPython(BaseException):
    """Raised by dbutils.library.restartPython."""


class InputWidgetNotDefined(Exception):
    pass


class ExecutionError(Exception):
    """An error that the platform throws from the JVM, such as an illegal argument or a missing file."""


class _Utility:
    """Base class of the utilities of dbutils. A member that the local workspace does not implement fails with a message."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(
            "the local workspace has no dbutils.%s.%s; it has: %s" % (self._name, name, ", ".join(_members(self)))
        )

    def help(self, name=None):
        print("dbutils.%s in the local workspace: %s" % (self._name, ", ".join(_members(self))))

    def __repr__(self):
        return "dbutils.%s" % self._name


def _members(utility):
    return sorted(name for name in dir(type(utility)) if not name.startswith("_") and name != "help")


class Widgets(_Utility):
    _name = "widgets"

    def __init__(self, parameters):
        # Parameters of the run take precedence over the defaults that the notebook declares.
        self._parameters = {name: str(value) for name, value in parameters.items()}
        self._defaults = {}

    def text(self, name, defaultValue, label=None):
        self._defaults[name] = str(defaultValue)

    def _set_default(self, kind, name, default, choices):
        choices = [str(choice) for choice in choices]
        if not choices:
            raise ExecutionError("the choices of the %s widget '%s' are empty" % (kind, name))
        if str(default) not in choices and kind != "combobox":
            raise ExecutionError("the default '%s' of the %s widget '%s' is not one of its choices: %s" % (default, kind, name, ", ".join(choices)))
        self._defaults[name] = str(default)

    def dropdown(self, name, defaultValue, choices, label=None):
        self._set_default("dropdown", name, defaultValue, choices)

    def combobox(self, name, defaultValue, choices, label=None):
        self._set_default("combobox", name, defaultValue, choices)

    def multiselect(self, name, defaultValue, choices, label=None):
        self._set_default("multiselect", name, defaultValue, choices)

    def get(self, name):
        if name in self._parameters:
            return self._parameters[name]
        if name in self._defaults:
            return self._defaults[name]
        defined = sorted({**self._defaults, **self._parameters})
        raise InputWidgetNotDefined(
            "No input widget named %s is defined%s" % (name, "; there are: " + ", ".join(defined) if defined else " (the task has no parameters either)")
        )

    def getAll(self):
        return {**self._defaults, **self._parameters}

    def getArgument(self, name, defaultValue=None):
        try:
            return self.get(name)
        except InputWidgetNotDefined:
            if defaultValue is None:
                raise
            return str(defaultValue)

    def remove(self, name):
        if self._defaults.pop(name, None) is None:
            raise InputWidgetNotDefined("No input widget named %s is defined" % name)

    def removeAll(self):
        self._defaults.clear()


class TaskValues(_Utility):
    _name = "jobs.taskValues"

    def __init__(self, spec):
        self._values = spec["values"]
        self._tasks = spec["task_keys"]
        self._own_task = spec["task_key"]
        self._in_job = spec["in_job"]

    def set(self, key=None, value=None):
        if not isinstance(key, str) or key == "":
            raise ValueError("dbutils.jobs.taskValues.set: the key must be a non-empty string, got %r" % (key,))
        try:
            text = json.dumps(value)
        except (TypeError, ValueError) as error:
            raise ValueError("dbutils.jobs.taskValues.set: the value of '%s' cannot be represented as JSON: %s" % (key, error)) from None
        if len(text.encode()) > _VALUE_LIMIT:
            raise ValueError("dbutils.jobs.taskValues.set: the value of '%s' is %d bytes of JSON; at most 48 KiB are allowed" % (key, len(text.encode())))
        self._values.setdefault(self._own_task, {})[key] = json.loads(text)
        channel.send("value", key=key, value=json.loads(text))

    def get(self, taskKey=None, key=None, default=None, debugValue=None):
        if not self._in_job:
            if debugValue is None:
                raise TypeError("Must pass debugValue when calling get outside of a job context. debugValue cannot be None.")
            return debugValue
        if taskKey not in self._tasks:
            if default is not None:
                return default
            raise ValueError("Task key does not exist in run: %s; it has: %s" % (taskKey, ", ".join(self._tasks)))
        values = self._values.get(taskKey, {})
        if key in values:
            return values[key]
        if default is not None:
            return default
        defined = ", ".join(sorted(values)) or "none"
        raise ValueError("No task value named '%s' was set by task '%s' (it set: %s), and no default was given" % (key, taskKey, defined))


class Jobs(_Utility):
    _name = "jobs"

    def __init__(self, spec):
        self._task_values = TaskValues(spec)

    @property
    def taskValues(self):
        return self._task_values


class Notebook(_Utility):
    _name = "notebook"

    def __init__(self, spec, rest, resolve_path):
        # The workspace executes the notebook, and cancels its run together with this attempt.
        self._headers = {"x-lakeform-outcomes": '[{"execution": true}]', "x-lakeform-attempt": str(spec["attempt"])}
        self._rest = rest
        self._resolve_path = resolve_path

    def exit(self, value=""):
        raise NotebookExit(str(value))

    def run(self, path, timeout_seconds=0, arguments=None):
        path = self._resolve_path(path)
        task = {"notebook_path": path, "base_parameters": {str(name): str(value) for name, value in (arguments or {}).items()}}
        body = {"run_name": path, "tasks": [{"task_key": "notebook", "notebook_task": task, "timeout_seconds": int(timeout_seconds)}]}
        run_id = self._rest().post("/api/2.2/jobs/runs/submit", body, self._headers)["run_id"]
        pause = 0.02
        while True:
            run = self._rest().get("/api/2.2/jobs/runs/get", run_id=run_id)
            if run["state"]["life_cycle_state"] in ("TERMINATED", "SKIPPED", "INTERNAL_ERROR"):
                break
            time.sleep(pause)
            pause = min(0.5, pause * 1.3)
        output = self._rest().get("/api/2.2/jobs/runs/get-output", run_id=run["tasks"][0]["run_id"])
        result = run["state"].get("result_state")
        if result != "SUCCESS":
            raise ExecutionError("the notebook %s ended with %s: %s (run %s)" % (path, result, output.get("error") or run["state"]["state_message"], run_id))
        return output.get("notebook_output", {}).get("result", "")


class Secrets(_Utility):
    _name = "secrets"

    def __init__(self, rest):
        self._rest = rest

    def getBytes(self, scope, key):
        try:
            return base64.b64decode(self._rest().get("/api/2.0/secrets/get", scope=scope, key=key)["value"])
        except Exception as error:
            raise _execution_error(error) from None

    def get(self, scope, key):
        return self.getBytes(scope, key).decode("utf-8")

    def list(self, scope):
        try:
            response = self._rest().get("/api/2.0/secrets/list", scope=scope)
        except Exception as error:
            raise _execution_error(error) from None
        return [SecretMetadata(secret["key"]) for secret in response.get("secrets", [])]

    def listScopes(self):
        return [SecretScope(scope["name"]) for scope in self._rest().get("/api/2.0/secrets/scopes/list").get("scopes", [])]


def _execution_error(error):
    return ExecutionError(str(error)) if hasattr(error, "status") else error


class Library(_Utility):
    _name = "library"

    def restartPython(self):
        raise RestartPython()


class Fs(_Utility):
    _name = "fs"

    def __init__(self, rest):
        self._rest = rest

    def _store(self, path):
        from . import stores

        return stores.locate(self._rest(), path)

    def ls(self, path):
        return [FileInfo(*row) for row in self._store(path).ls()]

    def head(self, path, maxBytes=65536):
        return self._store(path).read(maxBytes).decode("utf-8", "replace")

    def put(self, path, contents, overwrite=False):
        data = contents.encode("utf-8")
        self._store(path).write(data, overwrite)
        print("Wrote %d bytes." % len(data))
        return True

    def mkdirs(self, path):
        self._store(path).mkdirs()
        return True

    def rm(self, path, recurse=False):
        return self._store(path).rm(recurse)

    def cp(self, source, destination, recurse=False):
        source_store, target_store = self._store(source), self._store(destination)
        if source_store.is_dir():
            if not recurse:
                raise ExecutionError("%s is a directory: pass recurse=True to copy it with its contents" % source)
            target_store.mkdirs()
            for path, name, _size, _time in source_store.ls():
                self.cp(path.rstrip("/"), destination.rstrip("/") + "/" + name.rstrip("/"), True)
            return True
        if target_store.exists() and target_store.is_dir():
            target_store = self._store(destination.rstrip("/") + "/" + source.rstrip("/").rsplit("/", 1)[-1])
        target_store.write(source_store.read(), True)
        return True

    def mv(self, source, destination, recurse=False):
        self.cp(source, destination, recurse)
        return self._store(source).rm(recurse)

    def mounts(self):
        return []

    def refreshMounts(self):
        return True


class DBUtils:
    def __init__(self, spec, rest, resolve_path):
        self.widgets = Widgets(spec["parameters"])
        self.jobs = Jobs(spec)
        self.notebook = Notebook(spec, rest, resolve_path)
        self.secrets = Secrets(rest)
        self.library = Library()
        self.fs = Fs(rest)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError("the local workspace has no dbutils.%s; it has: %s" % (name, ", ".join(sorted(vars(self)))))

    def help(self, name=None):
        print("dbutils in the local workspace: %s" % ", ".join(sorted(vars(self))))

    def __repr__(self):
        return "dbutils of the local workspace"
