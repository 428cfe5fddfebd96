#!/usr/bin/env bash
# CronDescriptor of com.cronutils:cron-utils 9.2.1 (Maven) names a step of weekdays as if the step were a weekday: `0 5 * * */2`, which runs on Sunday, Tuesday, Thursday
# and Saturday, is "at 05:00 every Tuesday days", and `0 5 * * 1-5/2` is "every Tuesday days between Monday and Friday", although it runs on Monday, Wednesday
# and Friday. So a page or a review that shows the words tells of another day than the one on which the CronJob runs. ExecutionTime of the same library, and
# robfig/cron 3.0.1 (Go), which Kubernetes 1.37 uses, agree on the days. A list and a range of weekdays are described rightly. Issue 336 of cron-utils shows `*/3`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>com.cronutils</groupId><artifactId>cron-utils</artifactId><version>9.2.1</version></dependency>
  </dependencies>
</project>
XML
cat > Describe.java <<'JAVA'
import com.cronutils.descriptor.CronDescriptor;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class Describe {
  public static void main(String[] schedules) {
    var parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
    var sunday = ZonedDateTime.of(2026, 11, 1, 0, 0, 0, 0, ZoneOffset.UTC);
    for (var schedule : schedules) {
      var cron = parser.parse(schedule);
      var runs = ExecutionTime.forCron(cron);
      var days = Stream.iterate(runs.nextExecution(sunday).get(), at -> at.isBefore(sunday.plusWeeks(1)), at -> runs.nextExecution(at).get())
          .map(at -> at.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.UK)).collect(Collectors.joining(" "));
      System.out.println("cron-utils, " + schedule + ": " + CronDescriptor.instance(Locale.UK).describe(cron) + ": " + days);
    }
  }
}
JAVA
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	sunday := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, text := range os.Args[1:] {
		schedule, err := cron.ParseStandard(text)
		if err != nil {
			panic(err)
		}
		fmt.Printf("robfig/cron, %s:", text)
		for at := schedule.Next(sunday); at.Before(sunday.AddDate(0, 0, 7)); at = schedule.Next(at) {
			fmt.Print(at.Format(" Mon"))
		}
		fmt.Println()
	}
}
GO
schedules=('0 5 * * 1,3,5' '0 5 * * 1-5' '0 5 * * */2' '0 5 * * 1-5/2' '0 5 * * */3')
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=lib
go mod init finding >/dev/null 2>&1
go get github.com/robfig/cron/v3@v3.0.1 >/dev/null 2>&1
seen=$(java -cp 'lib/*' Describe.java "${schedules[@]}" 2>/dev/null; go run -mod=mod . "${schedules[@]}")
echo 'cron-utils 9.2.1, robfig/cron 3.0.1, days of a week:'
echo "$seen"
expected='cron-utils, 0 5 * * 1,3,5: at 05:00 at Monday, Wednesday and Friday days: Mon Wed Fri
cron-utils, 0 5 * * 1-5: at 05:00 every day between Monday and Friday: Mon Tue Wed Thu Fri
cron-utils, 0 5 * * */2: at 05:00 every Tuesday days: Sun Tue Thu Sat
cron-utils, 0 5 * * 1-5/2: at 05:00 every Tuesday days between Monday and Friday: Mon Wed Fri
cron-utils, 0 5 * * */3: at 05:00 every Wednesday days: Sun Wed Sat
robfig/cron, 0 5 * * 1,3,5: Mon Wed Fri
robfig/cron, 0 5 * * 1-5: Mon Tue Wed Thu Fri
robfig/cron, 0 5 * * */2: Sun Tue Thu Sat
robfig/cron, 0 5 * * 1-5/2: Mon Wed Fri
robfig/cron, 0 5 * * */3: Sun Wed Sat'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
