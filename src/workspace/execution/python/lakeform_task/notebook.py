"""Runs the cells of a notebook in one namespace."""

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
    """An error that the workspace, and not the user's code, raises in a cell."""


def run_notebook(task):
    return _Runner(task).run()


class _Runner:
    def __init__(self, task):
        self.task = task
        self.scope = task.new_namespace()
        self.initial_modules = set(sys.modules)
        self.cell_files = set()
        self.last_cell_id = 0
        # The depth of %run: 0 in the task's own notebook.
        self.depth = 0

    def run(self):
        spec = self.task.spec
        sys.argv = [spec["path"]]
        sys.path.insert(0, "/Workspace" + self.task.directory)
        try:
            return 0 if self.run_cells(spec["source"], spec["language"], spec["path"]) else 1
        except NotebookExit as exit_request:
            channel.send("exit", value=exit_request.value)
            return 0

    def run_cells(self, source, language, path):
        """Runs the cells of a notebook. Returns whether all cells succeeded."""
        parsed_cells = cells.parse(source, language, path)
        ids = []
        for cell in parsed_cells:
            self.last_cell_id += 1
            ids.append(self.last_cell_id)
        rows = [
            {"id": number, "number": cell.number, "notebook": path, "language": cell.language, "source": cell.source, "title": cell.title, "depth": self.depth}
            for number, cell in zip(ids, parsed_cells)
        ]
        channel.send("cells", cells=rows)
        for number, cell in zip(ids, parsed_cells):
            if cell.language == "md" or not cell.source.strip():
                continue
            channel.mark(number)
            channel.send("started", cell=number)
            ok = False
            try:
                self.run_cell(cell, number)
                ok = True
            except NotebookExit:
                channel.flush()
                channel.send("ended", cell=number, ok=True)
                raise
            except RestartPython:
                self.restart()
                ok = True
            except _Failed:
                pass  # already reported by the cell in the included notebook
            except SystemExit as error:
                exit_error = CellError("the cell called exit(%s), so the notebook failed; to end it successfully, call dbutils.notebook.exit(value)" % ("" if error.code is None else error.code))
                fail(exit_error.with_traceback(error.__traceback__), number, self.cell_files, name_of(cell))
            except BaseException as error:  # noqa: B902
                fail(error, number, self.cell_files, name_of(cell))
            channel.flush()
            channel.send("ended", cell=number, ok=ok)
            if not ok:
                return False
        return True

    def restart(self):
        for name in set(sys.modules) - self.initial_modules:
            # Only the user's modules are imported again; those of the standard library keep their state.
            module = sys.modules[name]
            file = getattr(module, "__file__", None) or ""
            if file.startswith(self.task.libraries.folder) or paths.workspace_path(file) != file:
                del sys.modules[name]
        self.scope = self.task.new_namespace()

    def run_cell(self, cell, number):
        kind = cell.language
        if kind == "python":
            return self.run_python(cell, cell.source)
        if kind == "sh":
            return self.run_shell(cell.source)
        if kind == "fs":
            return self.run_fs(cell.source)
        if kind == "run":
            return self.include(cell.source)
        if kind == "pip":
            return self.task.libraries.pip(shlex.split(cell.source.replace("\n", " ")))
        if kind == "sql":
            return self.run_sql(cell.source)
        raise CellError("a cell in %s cannot be executed here: Python, SQL and shell cells can" % kind)

    def run_python(self, cell, source):
        name = name_of(cell)
        self.cell_files.add(name)
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST
        try:
            tree = compile(source, name, "exec", flags)
        except SyntaxError:
            replaced_source = self.replace_magics(source)
            if replaced_source == source:
                raise
            tree = compile(replaced_source, name, "exec", flags)
        last_expression = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last_expression = ast.Expression(tree.body.pop().value)
        self.evaluate(tree, name, "exec")
        if last_expression is not None:
            value = self.evaluate(last_expression, name, "eval")
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

    def replace_magics(self, source):
        """Replaces the IPython lines of a Python cell: magics without effect are removed, %pip and ! run, other magics fail with a message."""
        lines = source.split("\n")
        for index, line in enumerate(lines):
            magic = re.match(r"(\s*)([%!])(\w*)\s?(.*)$", line)
            if not magic:
                continue
            indent, sign, word, arguments = magic.groups()
            if sign == "%" and word in _NO_EFFECT:
                lines[index] = indent + "pass"
            elif sign == "%" and word == "pip":
                self.scope["__pip"] = self.task.libraries.pip
                lines[index] = indent + "__pip(" + repr(shlex.split(arguments)) + ")"
            elif sign == "!":
                self.scope["__shell"] = self.run_shell
                lines[index] = indent + "__shell(" + repr(line.strip()[1:]) + ")"
            else:
                self.scope["__magic"] = _no_magic
                lines[index] = indent + "__magic(" + repr("%" + word) + ")"
        return "\n".join(lines)

    def run_shell(self, source):
        root = paths.local("/dbfs")[: -len("/dbfs")]
        # A shell makes its own file calls, so its paths are replaced by those of the mapped folder.
        text = re.sub(r"(?<![\w.$}/-])/(dbfs|Volumes|Workspace)(?=/|\b)", lambda match: root + match.group(0), source)
        channel.flush()
        code = subprocess.call(["/bin/sh", "-c", text])
        if code != 0:
            raise CellError("the shell ended with exit code %d" % code)

    def run_fs(self, source):
        words = shlex.split(source.replace("\n", " "))
        name, arguments = (words[0], words[1:]) if words else ("", [])
        recursive = [word for word in arguments if word in ("-r", "--recurse", "--recursive", "true")]
        paths_and_values = [word for word in arguments if word not in recursive]
        if name not in ("ls", "head", "mkdirs", "rm", "cp", "mv", "put"):
            raise CellError("%%fs %s: the local workspace supports ls, head, mkdirs, rm, cp, mv, put" % name)
        recurse = [True] if recursive and name in ("rm", "cp", "mv") else []
        result = getattr(self.task.dbutils.fs, name)(*paths_and_values, *recurse)
        if name == "ls":
            for info in result:
                print("%s  %d" % (info.path, info.size))
        elif name == "head":
            print(result)

    def include(self, source):
        words = shlex.split(source.replace("\n", " "))
        if not words:
            raise CellError("%run needs the path of a notebook")
        arguments = {}
        for word in words[1:]:
            argument = re.match(r"\$([\w.]+)=(.*)$", word, re.S)
            if not argument:
                raise CellError("%%run %s: arguments are written $name=\"value\", got %s" % (words[0], word))
            arguments[argument.group(1)] = argument.group(2)
        path = self.task.resolve_path(words[0])
        if self.depth >= 20:
            raise CellError("%%run %s: notebooks are nested more than 20 levels deep" % path)
        from .rest import RestError

        try:
            status = self.task.rest().get("/api/2.0/workspace/get-status", path=path)
            data, _headers = self.task.rest().send("GET", "/api/2.0/workspace/export", query={"path": path, "format": "SOURCE", "direct_download": "true"})
        except RestError as error:
            raise CellError("%%run %s: the notebook cannot be read: %s" % (words[0], error)) from None
        if status.get("object_type") != "NOTEBOOK":
            raise CellError("%%run %s: this is a %s; %%run requires a notebook" % (words[0], status.get("object_type", "").lower()))
        previous_directory = self.task.directory
        self.task.directory = path.rsplit("/", 1)[0]
        self.task.dbutils.widgets._parameters.update(arguments)
        self.depth += 1
        try:
            if not self.run_cells(data.decode("utf-8", "replace"), status.get("language", "PYTHON"), path):
                raise _Failed()
        finally:
            self.depth -= 1
            self.task.directory = previous_directory

    def run_sql(self, source):
        execute = self.task.spark.sql if modules.has_spark() else self.task.sql
        for statement in _statements(source):
            frame = execute(statement)
            self.scope["_sqldf"] = frame
            display(frame)


def name_of(cell):
    """Returns the name of a cell in tracebacks."""
    return "%s, cell %d" % (cell.notebook, cell.number)


class _Failed(Exception):
    """A cell of a notebook that %run included failed, and its error was reported."""


def _no_magic(word):
    raise CellError("the magic %s cannot be executed here" % word)


def _statements(source):
    """Splits SQL at the semicolons outside of strings and comments."""
    pattern = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|;|[^;'\"`/-]+|."
    statements, current = [], ""
    for token in re.findall(pattern, source, re.S):
        if token == ";":
            statements.append(current)
            current = ""
        else:
            current += token
    statements.append(current)
    without_comments = [re.sub(r"--[^\n]*|/\*.*?\*/", "", statement, flags=re.S).strip() for statement in statements]
    return [statement.strip() for statement, text in zip(statements, without_comments) if text]
