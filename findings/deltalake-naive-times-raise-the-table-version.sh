#!/usr/bin/env bash
# deltalake 1.6.6 with pyarrow 26.0.1: appending a new column with times that have no time zone,
# such as Python's datetime.now(), raises the protocol of the table from reader version 1 and writer
# version 2 to 3 and 7, with the feature timestampNtz. The call is an ordinary append with
# schema_mode="merge", and nothing reports it. With a time zone, the protocol stays as it is.
# A reader or writer without the feature cannot open the table any more, including its old rows and
# columns. A small script next to the jobs adds a column "loaded at" to a table this way, and the
# jobs on an older runtime, and the partners who read the table, fail from then on. Pass
# datetime.now(timezone.utc).
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet deltalake==1.6.6 pyarrow==26.0.1
v/bin/python - <<'PY' | tee seen
from datetime import datetime, timezone
import pyarrow
from deltalake import DeltaTable, write_deltalake

times = {"with a time zone": datetime(2026, 1, 5, 6, tzinfo=timezone.utc), "without": datetime(2026, 1, 5, 6)}
for name, time in times.items():
    write_deltalake(name, pyarrow.table({"id": [1]}))
    before = DeltaTable(name).protocol()
    write_deltalake(name, pyarrow.table({"id": [2], "loaded": [time]}), mode="append", schema_mode="merge")
    after = DeltaTable(name).protocol()
    versions = (before.min_reader_version, before.min_writer_version), (after.min_reader_version, after.min_writer_version)
    print(f"{name}: {versions[0]} to {versions[1]}, reader features {after.reader_features}")
PY
diff seen - <<'END_SEEN'
with a time zone: (1, 2) to (1, 2), reader features None
without: (1, 2) to (3, 7), reader features ['timestampNtz']
END_SEEN
