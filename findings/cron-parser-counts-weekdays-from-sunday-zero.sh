#!/usr/bin/env bash
# cron-parser 5.5.0 (npm) accepts the format of a Databricks schedule (six fields, seconds first,
# "?"), but numbers weekdays from Sunday = 0. Databricks uses Quartz, where Sunday = 1. "0 0 6 ? *
# 2" runs on Mondays in Databricks; cron-parser computes Tuesdays. There is no error: 1-7 is
# accepted by both. A review comment or a test that computes the "next run" from
# quartz_cron_expression is one day off. Names (MON) mean the same in both.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cron-parser@5.5.0
node -e '
  const { CronExpressionParser } = require("cron-parser");
  const next = (expression) => CronExpressionParser.parse(expression, { currentDate: "2026-11-01T00:00:00Z", tz: "UTC" }).next().toDate().toUTCString();
  const [numbered, named] = [next("0 0 6 ? * 2"), next("0 0 6 ? * MON")];
  console.log(`0 0 6 ? * 2   -> ${numbered} (Quartz: Monday)\n0 0 6 ? * MON -> ${named}`);
  process.exit(numbered.startsWith("Tue") && named.startsWith("Mon") ? 0 : 1);
'
# Output seen:
#   0 0 6 ? * 2   -> Tue, 03 Nov 2026 06:00:00 GMT (Quartz: Monday)
#   0 0 6 ? * MON -> Mon, 02 Nov 2026 06:00:00 GMT
