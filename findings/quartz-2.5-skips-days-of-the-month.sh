#!/usr/bin/env bash
# Quartz 2.5 (Java) computes different times than 2.4 for the same expression. In 2.5.0, "L", the
# last day of the month, exists only in months of 31 days: "0 0 6 L * ?" skips September and
# November. 2.5.2 fixes this, but "0 0 6,18 15W * ?" (the working day next to the 15th) still loses
# the run at 18:00 if the 15th is a Sunday. Both expressions are accepted, and no error is raised.
# Databricks takes Quartz expressions, and tests and tools on the JVM use the library to interpret
# them. "L" is used for month-end jobs: a tool with 2.5.0 shows a next run one month late, and a
# comparison with the workspace gives a false alarm. Use 2.4.0 for "L" and "W".
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
cat > Next.java <<'JAVA'
import java.time.Instant;
import java.util.Date;
import java.util.TimeZone;
import org.quartz.CronExpression;

class Next {
  public static void main(String[] words) throws Exception {
    for (String expression : new String[] {"0 0 6 L * ?", "0 0 6,18 15W * ?"}) {
      CronExpression schedule = new CronExpression(expression);
      schedule.setTimeZone(TimeZone.getTimeZone("UTC"));
      Date time = Date.from(Instant.parse("2026-10-20T00:00:00Z"));
      System.out.print(words[0] + ", " + expression + ":");
      for (int i = 0; i < 3; i++) {
        time = schedule.getNextValidTimeAfter(time);
        System.out.print(" " + time.toInstant().toString().substring(0, 13));
      }
      System.out.println();
    }
  }
}
JAVA
for version in 2.4.0 2.5.0 2.5.2; do
  cat > pom.xml <<XML
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>schedules</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.quartz-scheduler</groupId>
      <artifactId>quartz</artifactId>
      <version>$version</version>
    </dependency>
  </dependencies>
</project>
XML
  mvn -q -B dependency:copy-dependencies -DoutputDirectory="$version" >log 2>&1 || { cat log; exit 1; }
  java -cp "$version/*" Next.java "$version" 2>/dev/null
done | tee found
diff found - <<'END_SEEN'
2.4.0, 0 0 6 L * ?: 2026-10-31T06 2026-11-30T06 2026-12-31T06
2.4.0, 0 0 6,18 15W * ?: 2026-11-16T06 2026-11-16T18 2026-12-15T06
2.5.0, 0 0 6 L * ?: 2026-10-31T06 2026-12-31T06 2027-01-31T06
2.5.0, 0 0 6,18 15W * ?: 2026-12-15T06 2026-12-15T18 2027-01-15T06
2.5.2, 0 0 6 L * ?: 2026-10-31T06 2026-11-30T06 2026-12-31T06
2.5.2, 0 0 6,18 15W * ?: 2026-11-16T06 2026-12-15T06 2026-12-15T18
END_SEEN
