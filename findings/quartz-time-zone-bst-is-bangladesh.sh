#!/usr/bin/env bash
# Quartz 2.5.2 (Java 17) and cron-parser 5.5.0 (npm, Node.js 20) accept time zones of three letters
# that are not in the IANA database. BST is Bangladesh Standard Time, not British Summer Time, and
# AST is Alaska, not the Atlantic. The names come from Java; Python's zoneinfo with tzdata 2025.2
# rejects them.
# The schedule of a Databricks job is a Quartz expression with the id of a Java time zone. Read this
# way, a job for London with "BST" is due five hours early in summer and six in winter, before the
# data of the day exists. A check of the zone, or of the next run, in Java or JavaScript does not
# find the mistake. Use names of regions, such as Europe/London.
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
  public static void main(String[] zones) throws Exception {
    for (String zone : zones) {
      CronExpression schedule = new CronExpression("0 0 6 * * ?");
      schedule.setTimeZone(TimeZone.getTimeZone(zone));
      Date next = schedule.getNextValidTimeAfter(Date.from(Instant.parse("2026-07-01T12:00:00Z")));
      System.out.println("Quartz, " + zone + ": " + next.toInstant());
    }
  }
}
JAVA
npm init -y >/dev/null
npm install --silent cron-parser@5.5.0
cat > next.js <<'JS'
const { CronExpressionParser } = require("cron-parser");
for (const tz of process.argv.slice(2)) {
  const schedule = CronExpressionParser.parse("0 0 6 * * ?", { currentDate: "2026-07-01T12:00:00Z", tz });
  console.log(`cron-parser, ${tz}: ${schedule.next().toDate().toISOString().replace(".000", "")}`);
}
JS
{
  java -cp "lib/*" Next.java BST AST Europe/London 2>/dev/null
  node next.js BST AST Europe/London
} | tee seen
diff seen - <<'END_SEEN'
Quartz, BST: 2026-07-02T00:00:00Z
Quartz, AST: 2026-07-01T14:00:00Z
Quartz, Europe/London: 2026-07-02T05:00:00Z
cron-parser, BST: 2026-07-02T00:00:00Z
cron-parser, AST: 2026-07-01T14:00:00Z
cron-parser, Europe/London: 2026-07-02T05:00:00Z
END_SEEN
python3 -m venv v
v/bin/pip install --quiet tzdata==2025.2
! PYTHONTZPATH= v/bin/python -c 'import zoneinfo; zoneinfo.ZoneInfo("BST")' 2>/dev/null
