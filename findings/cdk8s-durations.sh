#!/usr/bin/env bash
# Duration.parse of cdk8s 2.70.106 (npm) takes "a period formatted according to the ISO 8601 standard", by its documentation, and refuses `P1D`, `P1DT12H`, `P1W`
# and `PT0.5S`, which are of that standard; of the first it takes the form `PT1D`, which is not. toIsoString() writes a day as `PT1D` too, which luxon
# 3.7.2 (npm) cannot read, and throws "Unexpected time unit: millis" for each duration that parse() has made. So a time of a day, as in
# ttlSecondsAfterFinished, does not come from or go to a configuration in ISO 8601. The AWS CDK, where the class is from, has mended each of these
# (its issues 9888 and 24971, pull request 9042). Hours, minutes and seconds go well.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent cdk8s@2.70.106 constructs@10.4.2 luxon@3.7.2

cat > durations.mjs <<'END'
import { Duration } from 'cdk8s';
import { Duration as Iso } from 'luxon';
const attempt = (result) => {
  try {
    return result();
  } catch (error) {
    return error.message;
  }
};
for (const text of ['PT90S', 'PT1H30M', 'PT36H', 'P1D', 'P1DT12H', 'P1W', 'PT0.5S', 'PT1D']) {
  const iso = Iso.fromISO(text);
  console.log(`parse ${text}: ${attempt(() => `${Duration.parse(text).toSeconds()} s`)}; luxon: ${iso.isValid ? `${iso.as('seconds')} s` : 'not ISO 8601'}`);
}
for (const [name, duration] of Object.entries({ 'minutes(90)': Duration.minutes(90), 'days(1)': Duration.days(1), 'hours(36)': Duration.hours(36), "parse('PT5M')": Duration.parse('PT5M') })) {
  const text = attempt(() => duration.toIsoString());
  console.log(`${name}.toIsoString(): ${text}; luxon: ${Iso.fromISO(text).isValid ? 'ISO 8601' : 'not ISO 8601'}`);
}
END
seen=$(node durations.mjs)
echo 'cdk8s 2.70.106 and luxon 3.7.2:'
echo "$seen"
expected=$(cat <<'END'
parse PT90S: 90 s; luxon: 90 s
parse PT1H30M: 5400 s; luxon: 5400 s
parse PT36H: 129600 s; luxon: 129600 s
parse P1D: Not a valid ISO duration: P1D; luxon: 86400 s
parse P1DT12H: Not a valid ISO duration: P1DT12H; luxon: 129600 s
parse P1W: Not a valid ISO duration: P1W; luxon: 604800 s
parse PT0.5S: Not a valid ISO duration: PT0.5S; luxon: 0.5 s
parse PT1D: 86400 s; luxon: not ISO 8601
minutes(90).toIsoString(): PT1H30M; luxon: ISO 8601
days(1).toIsoString(): PT1D; luxon: not ISO 8601
hours(36).toIsoString(): PT1D12H; luxon: not ISO 8601
parse('PT5M').toIsoString(): Unexpected time unit: millis; luxon: not ISO 8601
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
