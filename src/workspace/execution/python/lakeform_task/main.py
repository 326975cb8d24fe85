"""Runs one task, whose description is the first line of standard input."""

import atexit
import json
import os
import signal
import sys
import threading
import traceback

from . import channel, libraries, modules, paths
from .dbutils import DBUtils


def run():
    # Reads large blocks: nothing follows the line.
    parts = []
    while not parts or not parts[-1].endswith(b"\n"):
        part = os.read(0, 1 << 16)
        if not part:
            os._exit(70)  # the workspace ended before it sent the description
        parts.append(part)
    spec = json.loads(b"".join(parts))
    _end_with_workspace()
    channel.open_channel(spec["nonce"])
    task = Task(spec)
    _limit_memory(spec["memory"])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, encoding="utf-8", errors="backslashreplace")
    os.environ.update(spec["environment"])
    if spec.get("ca"):
        _trust(spec["ca"], os.path.join(spec["folder"], "tmp", "authorities.pem"))
    paths.install(spec["mapped"])
    try:
        task.libraries.install(spec["libraries"])
        code = task.run()
    except SystemExit as error:
        code = _exit_code(error)
    except BaseException as error:  # noqa: B902
        fail(error, None, ())
        code = 1
    channel.flush()
    try:
        atexit._run_exitfuncs()
    finally:
        channel.flush()
        channel.send("end", code=code)
        # Threads that still run end with the process.
        os._exit(code if 0 <= code < 256 else 1)


def _end_with_workspace():
    """Kills the task with all its processes when the workspace ends: standard input is then closed."""
    workspace_pipe = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def wait():
        while os.read(workspace_pipe, 4096):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _trust(authority, bundle):
    """Adds the workspace's certificate authority to the default ones that clients in the task trust."""
    import ssl

    names = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    default_files = [os.environ.get(name) for name in names] + [ssl.get_default_verify_paths().cafile]
    with open(bundle, "wb") as out:
        for file in [next((name for name in default_files if name and os.path.exists(name)), None), authority]:
            if file:
                with open(file, "rb") as source:
                    out.write(source.read() + b"\n")
    for name in names:
        os.environ[name] = bundle


def _limit_memory(limit):
    if limit:
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        new_limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(resource.RLIMIT_DATA, (new_limit, hard))
        except (ValueError, OSError):
            pass  # the system does not have this limit


def _exit_code(error):
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code
    print(error.code, file=sys.stderr)
    return 1


def fail(error, cell, files, cell_file=None):
    """Reports the error that ended a task. The trace starts at the first frame in `files`, the user's sources. `cell_file` is the file of the failing cell."""
    first_frame = error.__traceback__
    while first_frame is not None and first_frame.tb_frame.f_code.co_filename not in files:
        first_frame = first_frame.tb_next
    if first_frame is None:
        # Frames of this package do not help the user. No frame has a folder as its file, so no line is reported.
        package = os.path.dirname(os.path.abspath(__file__))
        cell_file = package
        first_frame = error.__traceback__
        while first_frame is not None and os.path.abspath(first_frame.tb_frame.f_code.co_filename).startswith(package):
            first_frame = first_frame.tb_next
    line, file, frame = None, None, first_frame
    while frame is not None and (cell_file is None or file is None):
        name = frame.tb_frame.f_code.co_filename
        if name == cell_file or (cell_file is None and name in files):
            line, file = frame.tb_lineno, name
        frame = frame.tb_next
    if isinstance(error, SyntaxError) and error.filename in files:
        line, file = error.lineno, error.filename
    import linecache

    text = "".join(traceback.format_exception(type(error), error, first_frame))
    source = linecache.getline(file, line).strip() if file is not None and line is not None else ""
    channel.send("error", cell=cell, name=type(error).__name__, message=str(error), line=line, source=source, trace=text[-100_000:])


class SqlError(Exception):
    """An error of a SQL statement, with the message of the workspace."""


class Task:
    """The task with the variables that its code can use."""

    def __init__(self, spec):
        self.spec = spec
        self.libraries = libraries.Libraries(os.path.join(spec["folder"], "site"), spec["allow_pip"])
        self.directory = os.path.dirname(spec["path"]) if spec["kind"] == "notebook" else ""
        self._rest = None
        self.spark = modules.LazySpark(spec["task_key"] or "lakeform", spec["mapped"])
        self.dbutils = DBUtils(spec, self.rest, self.resolve_path)
        names = {
            "dbutils": self.dbutils,
            "spark": self.spark,
            "sc": modules.LazyContext(self.spark),
            "sqlContext": self.spark,
            "sql": lambda *args, **kwargs: self.spark.sql(*args, **kwargs),
            "table": lambda *args, **kwargs: self.spark.table(*args, **kwargs),
            "display": display,
            "displayHTML": lambda html: print(html),
            "getArgument": self.dbutils.widgets.getArgument,
        }
        self.names = names
        modules.install(names)

    def rest(self):
        if self._rest is None:
            from .rest import Rest

            self._rest = Rest(self.spec["host"], self.spec["token"], self.spec.get("ca"))
        return self._rest

    def sql(self, statement):
        """Executes one statement in the workspace."""
        from .frame import Frame
        from .rest import RestError

        channel.flush()
        body = {"attempt": self.spec["attempt"], "statement": statement, "parameters": self.dbutils.widgets.getAll()}
        try:
            return Frame(self.rest().post("/_lakeform/sql", body))
        except RestError as error:
            raise SqlError(str(error)) from None

    def resolve_path(self, path):
        """Returns the absolute path of a notebook. A relative path starts at the folder of the running notebook."""
        import posixpath

        path = path if path.startswith("/") else posixpath.normpath(posixpath.join(self.directory or "/", path))
        return path[len("/Workspace") :] if path.startswith("/Workspace/") else path

    def new_namespace(self):
        """Creates the namespace of the task's code, and makes it the module __main__."""
        import types

        module = types.ModuleType("__main__")
        module.__dict__.update(self.names)
        module.__dict__["__builtins__"] = __builtins__
        sys.modules["__main__"] = module
        return module.__dict__

    def run(self):
        kind = self.spec["kind"]
        if kind == "notebook":
            from .notebook import run_notebook

            return run_notebook(self)
        if kind == "python":
            return self.run_script()
        return self.run_wheel()

    def run_script(self):
        path = self.spec["path"]
        local = paths.local(path)
        try:
            with open(local, "rb") as file:
                source = file.read()
        except OSError as error:
            fail(FileNotFoundError("the Python file %s cannot be read: %s" % (path, error.strerror)), 1, ())
            return 1
        channel.send("cells", cells=[{"id": 1, "number": 1, "notebook": path, "language": "python", "source": source.decode("utf-8", "replace")}])
        sys.argv = [path, *self.spec["arguments"]]
        sys.path.insert(0, os.path.dirname(path))

        def run_code():
            import linecache

            text = source.decode("utf-8-sig", "replace")
            linecache.cache[path] = (len(text), None, text.splitlines(True), path)
            scope = self.new_namespace()
            scope["__file__"] = path
            exec(compile(source, path, "exec"), scope)

        return self.run_as_one_cell(run_code, {path})

    def run_wheel(self):
        package, entry = self.spec["package"], self.spec["entry_point"]
        sys.argv = [package, *self.spec["arguments"]]
        channel.send("cells", cells=[{"id": 1, "number": 1, "notebook": package, "language": "python", "source": "%s of the package %s" % (entry, package)}])

        def run_code():
            self.new_namespace()
            find_entry_point(package, entry)()

        return self.run_as_one_cell(run_code, ())

    def run_as_one_cell(self, run_code, files):
        channel.mark(1)
        channel.send("started", cell=1)
        code = 0
        try:
            run_code()
        except SystemExit as error:
            code = _exit_code(error)
            if code != 0:
                fail(error, 1, files)
        except BaseException as error:  # noqa: B902
            fail(error, 1, files)
            code = 1
        channel.flush()
        channel.send("ended", cell=1, ok=code == 0)
        return code


def find_entry_point(package, name):
    """Returns the package's entry point of that name, else its function of that name, as the platform does."""
    import importlib
    import importlib.metadata

    entry_points = []
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        distribution = None
    else:
        for candidate in distribution.entry_points:
            if candidate.name == name:
                return candidate.load()
            entry_points.append(candidate.name)
    module_name = package.replace("-", "_")
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name:
            raise
        if distribution is None:
            raise libraries.LibraryError(
                "there is no package '%s': the task needs its wheel among its libraries, or the package in the Python that runs the tasks" % package
            ) from None
        module = None
    function = getattr(module, name, None)
    if not callable(function):
        names = ", ".join(sorted(set(entry_points))) or "none"
        raise libraries.LibraryError("the package '%s' has no entry point '%s' (its metadata has: %s), and no function of that name" % (package, name, names))
    return function


def display(*values, **_options):
    for value in values:
        if hasattr(value, "to_string") and hasattr(value, "columns"):
            print(value.to_string())
        elif hasattr(value, "show") and (hasattr(value, "schema") or hasattr(value, "text")):
            value.show()
        elif isinstance(value, (list, tuple)):
            for item in value:
                print(item)
        else:
            print(value)
