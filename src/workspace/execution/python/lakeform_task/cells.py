"""Splits the source of a notebook into cells."""

import re

_comment_prefixes = {"PYTHON": "#", "SQL": "--", "SCALA": "//", "R": "#"}
_languages = {"py": "python", "python": "python", "sql": "sql", "scala": "scala", "r": "r", "md": "md", "sh": "sh", "fs": "fs", "run": "run", "pip": "pip"}


class Cell:
    def __init__(self, number, notebook, language, source, title):
        self.number = number
        self.notebook = notebook
        self.language = language
        self.source = source
        self.title = title


def parse(source, language, notebook):
    """Returns the cells, numbered from 1 as on the notebook page."""
    comment_prefix = _comment_prefixes.get(language, "#")
    normalized = source.replace("\r\n", "\n")
    header = comment_prefix + " Databricks notebook source"
    lines = normalized.split("\n")
    first_line = 0
    if lines and lines[0].lstrip("\ufeff").rstrip() == header:
        first_line = 1
    groups = [[]]
    for index in range(first_line, len(lines)):
        if lines[index].rstrip() == comment_prefix + " COMMAND ----------":
            groups.append([])
        else:
            groups[-1].append(lines[index])
    cells = []
    for body in groups:
        while body and not body[0].strip():
            body.pop(0)
        while body and not body[-1].strip():
            body.pop()
        if not body and len(groups) == 1:
            continue
        cells.append(_cell(len(cells) + 1, notebook, language, comment_prefix, body))
    return cells


def _cell(number, notebook, language, comment_prefix, body):
    title = None
    title_match = re.match(re.escape(comment_prefix) + r" DBTITLE \d+,(.*)$", body[0]) if body else None
    if title_match:
        title = title_match.group(1)
        body = body[1:]
    magic = comment_prefix + " MAGIC"
    if body and all(text.startswith(magic) for text in body if text.strip()):
        body = [text[len(magic) :][1:] if text.startswith(magic + " ") else text[len(magic) :] for text in body]
    kind = language.lower()
    magic_match = re.match(r"%([a-z]+)\b[ \t]*(.*)$", body[0].strip()) if body else None
    if magic_match and magic_match.group(1) in _languages:
        kind = _languages[magic_match.group(1)]
        command = magic_match.group(2)
        if kind in ("run", "pip", "fs") or command.strip():
            body = [command] + body[1:]
        else:
            body = body[1:]
    return Cell(number, notebook, kind, "\n".join(body), title)
