"""Holds the rows of a SQL statement: `_sqldf` in a notebook without pyspark."""


class Row(tuple):
    """A row with access to values by position, by name and as attributes."""

    def __new__(cls, columns, values):
        row = super().__new__(cls, values)
        row._columns = columns
        return row

    def __getitem__(self, key):
        return tuple.__getitem__(self, self._columns.index(key) if isinstance(key, str) else key)

    def __getattr__(self, name):
        if name.startswith("_") or name not in self._columns:
            raise AttributeError(name)
        return self[name]

    def asDict(self):
        return dict(zip(self._columns, self))

    def __repr__(self):
        return "Row(%s)" % ", ".join("%s=%r" % pair for pair in zip(self._columns, self))


class Frame:
    def __init__(self, result):
        self.columns = result["columns"]
        self.text = result["text"]
        self._rows = [Row(self.columns, values) for values in result["rows"]]
        self._is_truncated = result["truncated"]

    def collect(self):
        return list(self._complete_rows())

    def first(self):
        return self._rows[0] if self._rows else None

    def count(self):
        return len(self._complete_rows())

    def toPandas(self):
        import pandas

        return pandas.DataFrame([list(row) for row in self._complete_rows()], columns=self.columns)

    def show(self):
        print(self.text, end="")

    def __iter__(self):
        return iter(self._complete_rows())

    def __repr__(self):
        return "Frame[%s]" % ", ".join(self.columns)

    def __getattr__(self, name):
        raise AttributeError("'%s': rows of %%sql have collect, first, count, show and toPandas here; the rest of DataFrame needs pyspark" % name)

    def _complete_rows(self):
        if self._is_truncated:
            raise RuntimeError("the statement has more rows than the workspace returns; aggregate them in SQL, or add a LIMIT")
        return self._rows
