#!/usr/bin/env bash
# junit2html 31.1.4 (PyPI) shows nothing of a `testsuite` inside a `testsuite`: the HTML page does not name a failed test that is
# in an inner suite, although the attributes of the outer suite count it. Jenkins, GitLab and junitparser read inner suites.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check junit2html==31.1.4

write () { # file, opening and closing tag around the suite that has the test
  cat > "$1" <<END
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>$2<testsuite name="inner" tests="1" failures="1" errors="0">
<testcase classname="web" name="the-failed-test" time="0.1"><failure message="broken">broken</failure></testcase>
</testsuite>$3</testsuites>
END
}
write flat.xml '' ''
write nested.xml '<testsuite name="outer" tests="1" failures="1" errors="0">' '</testsuite>'
for name in flat nested; do
  env/bin/junit2html "$name.xml" "$name.html"
  echo "junit2html 31.1.4: $name: the failed test is named $(grep -c 'the-failed-test' "$name.html" || true) times in the page"
done
grep -q 'the-failed-test' flat.html && ! grep -q 'the-failed-test' nested.html || { echo 'the behaviour has changed' >&2; exit 1; }
