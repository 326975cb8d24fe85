"""%sql without Spark: the workspace's statement execution."""

from .dbutils import ExecutionError


class Rows(list):
    """The rows of a result, as tuples, with the names of their columns."""

    def __init__(self, columns, rows):
        super().__init__(rows)
        self.columns_ = columns


def run_sql(task, statement):
    answer = task.rest().post("/_lakeform/tasks/sql", {"statement": statement})
    if "error" in answer:
        raise ExecutionError(answer["error"])
    columns, rows = answer["columns"], answer["rows"]
    widths = [max([len(name)] + [len(_text(row[at])) for row in rows[:1000]]) for at, name in enumerate(columns)]
    if columns:
        print("  ".join(name.ljust(width) for name, width in zip(columns, widths)).rstrip())
        for row in rows[:1000]:
            print("  ".join(_text(value).ljust(width) for value, width in zip(row, widths)).rstrip())
        if len(rows) > 1000:
            print("… %d more rows" % (len(rows) - 1000))
    return Rows(columns, [tuple(row) for row in rows])


def _text(value):
    return "null" if value is None else str(value)
