#!/usr/bin/env bash
# Quartz 2.5.2 (Java), cron-parser 5.5.0 (npm) and croniter 7.0.0 (pip) read the same schedule with
# the same time zone and disagree on the days when the clocks change. "0 30 2 * * ?" in
# Europe/Berlin on the day in March without 2:30: Quartz skips the day, cron-parser computes 3:30
# and croniter 3:00. On the day in October with two: Quartz takes the second one, cron-parser the
# first one, croniter both.
# An hourly schedule has a gap of two hours in Quartz that day, since the first 2:00 is skipped.
# Databricks schedules are Quartz expressions with a time zone. A check of a job's runs against
# times that a library in JavaScript or Python computes reports a missing run each spring, and a job
# that is expected daily at 2:30 loses a day of data. Schedule outside of 2:00 to 3:00, or in UTC.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat > pom.xml <<'XML'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>schedules</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.quartz-scheduler</groupId>
      <artifactId>quartz</artifactId>
      <version>2.5.2</version>
    </dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib >log 2>&1 || { cat log; exit 1; }
cat > Next.java <<'JAVA'
import java.time.Instant;
import java.util.Date;
import java.util.TimeZone;
import org.quartz.CronExpression;

class Next {
  public static void main(String[] words) throws Exception {
    CronExpression schedule = new CronExpression(words[0]);
    schedule.setTimeZone(TimeZone.getTimeZone("Europe/Berlin"));
    Date time = Date.from(Instant.parse(words[1]));
    for (int i = 0; i < 3; i++) {
      time = schedule.getNextValidTimeAfter(time);
      System.out.print(time.toInstant().toString().substring(5, 16) + " ");
    }
  }
}
JAVA
npm init -y >/dev/null
npm install --silent cron-parser@5.5.0
cat > next.js <<'JS'
const { CronExpressionParser } = require("cron-parser");
const [, , expression, currentDate] = process.argv;
const times = CronExpressionParser.parse(expression, { currentDate, tz: "Europe/Berlin" });
for (let i = 0; i < 3; i++) process.stdout.write(`${times.next().toDate().toISOString().slice(5, 16)} `);
JS
python3 -m venv v
v/bin/pip install --quiet croniter==7.0.0 tzdata==2025.2
cat > next.py <<'PY'
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo
from croniter import croniter

start = datetime.fromisoformat(sys.argv[2].replace("Z", "+00:00")).astimezone(ZoneInfo("Europe/Berlin"))
times = croniter(sys.argv[1], start, second_at_beginning=True)
for _ in range(3):
    print(times.get_next(datetime).astimezone(timezone.utc).isoformat()[5:16], end=" ")
PY
found=
while IFS='|' read -r label expression start; do
  echo "$label: $expression after $start, times in UTC"
  for command in "java -cp lib/* Next.java" "node next.js" "v/bin/python next.py"; do
    read -ra words <<<"$command"
    times=$(set -f; "${words[@]}" "$expression" "$start" 2>/dev/null)
    printf '  %-8s%s\n' "$(basename "${words[0]}")" "$times"
    found+="${times% };"
  done
done <<'END_CASES'
daily in March|0 30 2 * * ?|2026-03-28T00:00:00Z
daily in October|0 30 2 * * ?|2026-10-24T12:00:00Z
hourly in October|0 0 * * * ?|2026-10-24T22:30:00Z
END_CASES
seen="03-28T01:30 03-30T00:30 03-31T00:30;03-28T01:30 03-29T01:30 03-30T00:30;03-28T01:30 03-29T01:00 03-30T00:30;"
seen+="10-25T01:30 10-26T01:30 10-27T01:30;10-25T00:30 10-26T01:30 10-27T01:30;10-25T00:30 10-25T01:30 10-26T01:30;"
seen+="10-24T23:00 10-25T01:00 10-25T02:00;10-24T23:00 10-25T00:00 10-25T01:00;10-24T23:00 10-25T00:00 10-25T01:00;"
[ "$found" = "$seen" ] || { echo "changed: a library computes other times"; exit 1; }
# Output seen:
#   daily in March: 0 30 2 * * ? after 2026-03-28T00:00:00Z, times in UTC
#     java    03-28T01:30 03-30T00:30 03-31T00:30
#     node    03-28T01:30 03-29T01:30 03-30T00:30
#     python  03-28T01:30 03-29T01:00 03-30T00:30
#   daily in October: 0 30 2 * * ? after 2026-10-24T12:00:00Z, times in UTC
#     java    10-25T01:30 10-26T01:30 10-27T01:30
#     node    10-25T00:30 10-26T01:30 10-27T01:30
#     python  10-25T00:30 10-25T01:30 10-26T01:30
#   hourly in October: 0 0 * * * ? after 2026-10-24T22:30:00Z, times in UTC
#     java    10-24T23:00 10-25T01:00 10-25T02:00
#     node    10-24T23:00 10-25T00:00 10-25T01:00
#     python  10-24T23:00 10-25T00:00 10-25T01:00
