"""A notebook, cell by cell, in one namespace."""

import ast
import inspect
import linecache
import re
import shlex
import subprocess
import sys

from . import cells, channel, modules, paths
from .dbutils import NotebookExit, RestartPython
from .main import display, fail

# Magics of IPython that have no effect outside of a notebook page.
_NO_EFFECT = {"matplotlib", "config", "load_ext", "reload_ext", "autoreload"}


class CellError(Exception):
    pass


def run_notebook(task):
    return _Runner(task).run()


class _Runner:
    def __init__(self, task):
        self.task = task
        self.scope = task.namespace()
        self.loaded = set(sys.modules)
        self.files = set()
        self.ids = 0
        # The cells that have not run yet, the next one last: %run puts another notebook's on top.
        self.depth = 0

    def run(self):
        spec = self.task.spec
        sys.argv = [spec["path"]]
        sys.path.insert(0, "/Workspace" + self.task.directory)
        try:
            return 0 if self.notebook(spec["source"], spec["language"], spec["path"]) else 1
        except NotebookExit as end:
            channel.send("exit", value=end.value)
            return 0

    def notebook(self, source, language, path):
        """Whether all cells went well."""
        found = cells.parse(source, language, path)
        ids = []
        for cell in found:
            self.ids += 1
            ids.append(self.ids)
        rows = [
            {"id": number, "number": cell.number, "notebook": path, "language": cell.language, "source": cell.source, "title": cell.title, "depth": self.depth}
            for number, cell in zip(ids, found)
        ]
        channel.send("cells", cells=rows)
        for number, cell in zip(ids, found):
            if cell.language == "md" or not cell.source.strip():
                continue
            channel.mark(number)
            channel.send("started", cell=number)
            ok = False
            try:
                self.cell(cell, number)
                ok = True
            except NotebookExit:
                channel.flush()
                channel.send("ended", cell=number, ok=True)
                raise
            except RestartPython:
                self.restart()
                ok = True
            except _Failed:
                pass  # told by the cell of the other notebook
            except SystemExit as error:
                told = CellError("the cell called exit(%s), which ends the notebook as failed; dbutils.notebook.exit(value) ends it well" % ("" if error.code is None else error.code))
                fail(told.with_traceback(error.__traceback__), number, self.files, name_of(cell))
            except BaseException as error:  # noqa: B902
                fail(error, number, self.files, name_of(cell))
            channel.flush()
            channel.send("ended", cell=number, ok=ok)
            if not ok:
                return False
        return True

    def restart(self):
        for name in set(sys.modules) - self.loaded:
            # Modules of the standard library keep their state anyway; the user's own are imported anew.
            module = sys.modules[name]
            file = getattr(module, "__file__", None) or ""
            if file.startswith(self.task.libraries.folder) or paths.shown(file) != file:
                del sys.modules[name]
        self.scope = self.task.namespace()

    def cell(self, cell, number):
        kind = cell.language
        if kind == "python":
            return self.python(cell, cell.source)
        if kind == "sh":
            return self.shell(cell.source)
        if kind == "fs":
            return self.fs(cell.source)
        if kind == "run":
            return self.other(cell.source)
        if kind == "pip":
            return self.task.libraries.pip(shlex.split(cell.source.replace("\n", " ")))
        if kind == "sql":
            return self.sql(cell.source)
        raise CellError("a cell in %s cannot be executed here: Python, SQL and shell cells can" % kind)

    def python(self, cell, source):
        name = name_of(cell)
        self.files.add(name)
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
        try:
            tree = compile(source, name, "exec", flags)
        except SyntaxError:
            plain = self.without_magics(source)
            if plain == source:
                raise
            tree = compile(plain, name, "exec", flags)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        self.evaluate(tree, name, "exec")
        if last is not None:
            value = self.evaluate(last, name, "eval")
            if value is not None:
                self.scope["_"] = value
                display(value) if hasattr(value, "to_string") and hasattr(value, "columns") else print(repr(value))

    def evaluate(self, tree, name, mode):
        code = compile(tree, name, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        value = eval(code, self.scope)
        if code.co_flags & inspect.CO_COROUTINE:
            import asyncio

            return asyncio.run(value)
        return value

    def without_magics(self, source):
        """IPython's lines in a Python cell: those without effect go, %pip runs, the others fail with a sentence."""
        lines = source.split("\n")
        for index, line in enumerate(lines):
            found = re.match(r"(\s*)([%!])(\w*)\s?(.*)$", line)
            if not found:
                continue
            indent, sign, word, rest = found.groups()
            if sign == "%" and word in _NO_EFFECT:
                lines[index] = indent + "pass"
            elif sign == "%" and word == "pip":
                self.scope["__pip"] = self.task.libraries.pip
                lines[index] = indent + "__pip(" + repr(shlex.split(rest)) + ")"
            elif sign == "!":
                self.scope["__shell"] = self.shell
                lines[index] = indent + "__shell(" + repr(line.strip()[1:]) + ")"
            else:
                self.scope["__magic"] = _no_magic
                lines[index] = indent + "__magic(" + repr("%" + word) + ")"
        return "\n".join(lines)

    def shell(self, source):
        root = paths.local("/dbfs")[: -len("/dbfs")]
        # A shell makes its own file calls: the mapped folders stand in the text.
        text = re.sub(r"(?<![\w.$}/-])/(dbfs|Volumes|Workspace)(?=/|\b)", lambda found: root + found.group(0), source)
        channel.flush()
        code = subprocess.call(["/bin/sh", "-c", text])
        if code != 0:
            raise CellError("the shell ended with exit code %d" % code)

    def fs(self, source):
        words = shlex.split(source.replace("\n", " "))
        name, rest = (words[0], words[1:]) if words else ("", [])
        recursive = [word for word in rest if word in ("-r", "--recurse", "--recursive", "true")]
        plain = [word for word in rest if word not in recursive]
        if name not in ("ls", "head", "mkdirs", "rm", "cp", "mv", "put"):
            raise CellError("%%fs %s: the local workspace has ls, head, mkdirs, rm, cp, mv, put" % name)
        more = [True] if recursive and name in ("rm", "cp", "mv") else []
        result = getattr(self.task.dbutils.fs, name)(*plain, *more)
        if name == "ls":
            for each in result:
                print("%s  %d" % (each.path, each.size))
        elif name == "head":
            print(result)

    def other(self, source):
        words = shlex.split(source.replace("\n", " "))
        if not words:
            raise CellError("%run needs the path of a notebook")
        given = {}
        for word in words[1:]:
            found = re.match(r"\$([\w.]+)=(.*)$", word, re.S)
            if not found:
                raise CellError("%%run %s: arguments are written $name=\"value\", got %s" % (words[0], word))
            given[found.group(1)] = found.group(2)
        path = self.task.where(words[0])
        if self.depth >= 20:
            raise CellError("%%run %s: notebooks run each other more than 20 levels deep" % path)
        from .rest import RestError

        try:
            status = self.task.rest().get("/api/2.0/workspace/get-status", path=path)
            data, _headers = self.task.rest().send("GET", "/api/2.0/workspace/export", query={"path": path, "format": "SOURCE", "direct_download": "true"})
        except RestError as error:
            raise CellError("%%run %s: the notebook cannot be read: %s" % (words[0], error)) from None
        if status.get("object_type") != "NOTEBOOK":
            raise CellError("%%run %s: that is a %s; %%run takes a notebook" % (words[0], status.get("object_type", "").lower()))
        before = self.task.directory
        self.task.directory = path.rsplit("/", 1)[0]
        self.task.dbutils.widgets._given.update(given)
        self.depth += 1
        try:
            if not self.notebook(data.decode("utf-8", "replace"), status.get("language", "PYTHON"), path):
                raise _Failed()
        finally:
            self.depth -= 1
            self.task.directory = before

    def sql(self, source):
        run = self.task.spark.sql if modules.has_spark() else self.task.sql
        for statement in _statements(source):
            frame = run(statement)
            self.scope["_sqldf"] = frame
            display(frame)


def name_of(cell):
    """What tracebacks call a cell."""
    return "%s, cell %d" % (cell.notebook, cell.number)


class _Failed(Exception):
    """A cell of a notebook that %run ran has failed, and has said so."""


def _no_magic(word):
    raise CellError("the magic %s cannot be executed here" % word)


def _statements(source):
    """SQL split at semicolons outside of texts and comments."""
    pattern = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|;|[^;'\"`/-]+|."
    statements, current = [], ""
    for token in re.findall(pattern, source, re.S):
        if token == ";":
            statements.append(current)
            current = ""
        else:
            current += token
    statements.append(current)
    bare = [re.sub(r"--[^\n]*|/\*.*?\*/", "", each, flags=re.S).strip() for each in statements]
    return [each.strip() for each, text in zip(statements, bare) if text]
