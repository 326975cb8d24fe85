"""One task, from its description on standard input to its end."""

import atexit
import json
import os
import signal
import sys
import threading
import time
import traceback

from . import channel, libraries, modules, paths
from .dbutils import DBUtils


def run():
    # One byte at a time up to the end of the line would be slow, and a buffered reader would take what follows: nothing follows but the end.
    parts = []
    while not parts or not parts[-1].endswith(b"\n"):
        part = os.read(0, 1 << 16)
        if not part:
            os._exit(70)
        parts.append(part)
    spec = json.loads(b"".join(parts))
    _die_with_the_workspace()
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
        code = task.work()
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


def _die_with_the_workspace():
    """The workspace holds the other end of standard input: when it is gone, so is the task with all of its processes."""
    held = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def wait():
        while os.read(held, 4096):
            pass
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


def _trust(authority, bundle):
    """Clients of the task trust the workspace's authority, besides those that they trust anyway."""
    import ssl

    names = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    usual = [os.environ.get(name) for name in names] + [ssl.get_default_verify_paths().cafile]
    with open(bundle, "wb") as out:
        for file in [next((each for each in usual if each and os.path.exists(each)), None), authority]:
            if file:
                with open(file, "rb") as source:
                    out.write(source.read() + b"\n")
    for name in names:
        os.environ[name] = bundle


def _limit_memory(limit):
    if limit:
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
        except (ValueError, OSError):
            pass  # the system does not have this limit


def _exit_code(error):
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code
    print(error.code, file=sys.stderr)
    return 1


def fail(error, cell, files, own=None):
    """Reports what a task ended with. `files` are the user's own sources: the trace begins at the first of them. `own` is the failing cell's."""
    trace = error.__traceback__
    at = trace
    while at is not None and at.tb_frame.f_code.co_filename not in files:
        at = at.tb_next
    if at is None:
        # Our own frames say nothing to the user.
        own = os.path.dirname(os.path.abspath(__file__))
        at = trace
        while at is not None and os.path.abspath(at.tb_frame.f_code.co_filename).startswith(own):
            at = at.tb_next
    line, where, walk = None, None, at
    while walk is not None and (own is None or where is None):
        name = walk.tb_frame.f_code.co_filename
        if name == own or (own is None and name in files):
            line, where = walk.tb_lineno, name
        walk = walk.tb_next
    if isinstance(error, SyntaxError) and error.filename in files:
        line, where = error.lineno, error.filename
    import linecache

    text = "".join(traceback.format_exception(type(error), error, at))
    source = linecache.getline(where, line).strip() if where is not None and line is not None else ""
    channel.send("error", cell=cell, name=type(error).__name__, message=str(error), line=line, source=source, trace=text[-100_000:])


class SqlError(Exception):
    pass


class Task:
    def __init__(self, spec):
        self.spec = spec
        self.libraries = libraries.Libraries(os.path.join(spec["folder"], "site"), spec["allow_pip"])
        self.directory = os.path.dirname(spec["path"]) if spec["kind"] == "notebook" else ""
        self._rest = None
        self.spark = modules.LazySpark(spec["task_key"] or "lakeform", spec["mapped"])
        self.dbutils = DBUtils(spec, self.rest, self.where)
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
        """One statement, executed by the workspace."""
        from .frame import Frame
        from .rest import RestError

        channel.flush()
        body = {"attempt": self.spec["attempt"], "statement": statement, "parameters": self.dbutils.widgets.getAll()}
        try:
            return Frame(self.rest().post("/_lakeform/sql", body))
        except RestError as error:
            raise SqlError(str(error)) from None

    def where(self, path):
        """A notebook's path: relative ones start from the notebook that runs."""
        import posixpath

        path = path if path.startswith("/") else posixpath.normpath(posixpath.join(self.directory or "/", path))
        return path[len("/Workspace") :] if path.startswith("/Workspace/") else path

    def namespace(self):
        import types

        module = types.ModuleType("__main__")
        module.__dict__.update(self.names)
        module.__dict__["__builtins__"] = __builtins__
        sys.modules["__main__"] = module
        return module.__dict__

    def work(self):
        kind = self.spec["kind"]
        if kind == "notebook":
            from .notebook import run_notebook

            return run_notebook(self)
        if kind == "python":
            return self.script()
        return self.wheel()

    def script(self):
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

        def go():
            import linecache

            text = source.decode("utf-8-sig", "replace")
            linecache.cache[path] = (len(text), None, text.splitlines(True), path)
            scope = self.namespace()
            scope["__file__"] = path
            exec(compile(source, path, "exec"), scope)

        return self.one_cell(go, {path})

    def wheel(self):
        package, entry = self.spec["package"], self.spec["entry_point"]
        sys.argv = [package, *self.spec["arguments"]]
        channel.send("cells", cells=[{"id": 1, "number": 1, "notebook": package, "language": "python", "source": "%s of the package %s" % (entry, package)}])

        def go():
            self.namespace()
            entry_point(package, entry)()

        return self.one_cell(go, ())

    def one_cell(self, go, files):
        channel.mark(1)
        channel.send("started", cell=1)
        code = 0
        try:
            go()
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


def entry_point(package, name):
    """The platform's way: by name among the package's entry points, else the function of that name in the package."""
    import importlib
    import importlib.metadata

    known = []
    try:
        distribution = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        distribution = None
    else:
        for each in distribution.entry_points:
            if each.name == name:
                return each.load()
            known.append(each.name)
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
    found = getattr(module, name, None)
    if not callable(found):
        has = ", ".join(sorted(set(known))) or "none"
        raise libraries.LibraryError("the package '%s' has no entry point '%s' (its metadata has: %s), and no function of that name" % (package, name, has))
    return found


def display(*values, **_options):
    for value in values:
        if hasattr(value, "to_string") and hasattr(value, "columns"):
            print(value.to_string())
        elif hasattr(value, "show") and (hasattr(value, "schema") or hasattr(value, "text")):
            value.show()
        elif isinstance(value, (list, tuple)):
            for each in value:
                print(each)
        else:
            print(value)


def now():
    return int(time.time() * 1000)
