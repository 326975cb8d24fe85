"""A notebook's source as its cells."""

import re

_marks = {"PYTHON": "#", "SQL": "--", "SCALA": "//", "R": "#"}
_languages = {"py": "python", "python": "python", "sql": "sql", "scala": "scala", "r": "r", "md": "md", "sh": "sh", "fs": "fs", "run": "run", "pip": "pip"}


class Cell:
    def __init__(self, number, notebook, language, source, title, line, skipped):
        self.number = number
        self.notebook = notebook
        self.language = language
        self.source = source
        self.title = title
        # Where the cell's first line stands in the notebook's source.
        self.line = line
        # Lines that stand before the source: the magic.
        self.skipped = skipped


def parse(source, language, notebook):
    """The cells, numbered from 1 as the notebook page numbers them."""
    mark = _marks.get(language, "#")
    text = source.replace("\r\n", "\n")
    header = mark + " Databricks notebook source"
    lines = text.split("\n")
    at = 0
    if lines and lines[0].lstrip("\ufeff").rstrip() == header:
        at = 1
    groups = [(at, [])]
    for index in range(at, len(lines)):
        if lines[index].rstrip() == mark + " COMMAND ----------":
            groups.append((index + 1, []))
        else:
            groups[-1][1].append(lines[index])
    cells = []
    for start, body in groups:
        while body and not body[0].strip():
            body.pop(0)
            start += 1
        while body and not body[-1].strip():
            body.pop()
        if not body and len(groups) == 1:
            continue
        cells.append(_cell(len(cells) + 1, notebook, language, mark, body, start + 1))
    return cells


def _cell(number, notebook, language, mark, body, line):
    title = None
    found = re.match(re.escape(mark) + r" DBTITLE \d+,(.*)$", body[0]) if body else None
    if found:
        title = found.group(1)
        body = body[1:]
        line += 1
    magic = mark + " MAGIC"
    if body and all(each.startswith(magic) for each in body if each.strip()):
        body = [each[len(magic) :][1:] if each.startswith(magic + " ") else each[len(magic) :] for each in body]
    kind = language.lower()
    skipped = 0
    first = re.match(r"%([a-z]+)\b[ \t]*(.*)$", body[0].strip()) if body else None
    if first and first.group(1) in _languages:
        kind = _languages[first.group(1)]
        rest = first.group(2)
        if kind in ("run", "pip", "fs") or rest.strip():
            body = [rest] + body[1:]
        else:
            body = body[1:]
            skipped = 1
    return Cell(number, notebook, kind, "\n".join(body), title, line, skipped)
