#!/usr/bin/env bash
# sarif-tools 3.0.5: a result that its producer suppressed (`suppressions` with kind inSource and
# status accepted) counts like any other, in `sarif summary` and in `--check error`. So does a
# result with baselineState "absent", which the format uses for one that no longer exists.
# Linters and policy checks write exceptions to SARIF this way, so that a reviewer can see them. A
# pipeline for jobs as code that gates with `sarif --check error` fails on each accepted exception,
# and on each problem that was fixed since the baseline. Remove these results from the file first.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v
v/bin/pip install --quiet sarif-tools==3.0.5
cat > write.py <<'END_PYTHON'
import json, sys

extra = {
    "open": {},
    "suppressed": {"suppressions": [{"kind": "inSource", "status": "accepted", "justification": "runs once"}]},
    "absent": {"baselineState": "absent"},
    "none": None,
}[sys.argv[1]]
result = {"ruleId": "no-retries", "level": "error", "message": {"text": "the task has no retries"}}
place = {"artifactLocation": {"uri": "jobs.ts"}, "region": {"startLine": 3}}
results = [] if extra is None else [{**result, "locations": [{"physicalLocation": place}], **extra}]
run = {"tool": {"driver": {"name": "job-policies", "rules": [{"id": "no-retries"}]}}, "results": results}
json.dump({"version": "2.1.0", "runs": [run]}, open(f"{sys.argv[1]}.sarif", "w"))
END_PYTHON
for kind in open suppressed absent none; do
  v/bin/python write.py $kind
  code=0
  v/bin/sarif --check error summary $kind.sarif >summary 2>/dev/null || code=$?
  echo "$kind: $(grep '^error' summary), exit code $code"
done | tee seen
diff seen - <<'END_SEEN'
open: error: 1, exit code 1
suppressed: error: 1, exit code 1
absent: error: 1, exit code 1
none: error: 0, exit code 0
END_SEEN
# Output seen:
#   open: error: 1, exit code 1
#   suppressed: error: 1, exit code 1
#   absent: error: 1, exit code 1
#   none: error: 0, exit code 0
