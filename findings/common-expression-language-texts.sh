#!/usr/bin/env bash
# common-expression-language 0.10.0 (PyPI, on the crate cel) answers expressions of a ValidatingAdmissionPolicy in another way than the language definition of CEL and the API
# server (cel-go): `size` of a text counts bytes in place of code points, so a limit of characters is reached too early; the parts of a timestamp with an
# offset are those of its own zone in place of UTC, so a rule about hours of the day is shifted; and `string(true)`, `int(timestamp)` and
# `getHours("+02:00")` are errors. A test of policies with this library passes or fails for texts and times where the cluster does not.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile common-expression-language==0.10.0

cat > ask.py <<'END'
import cel

# Each expression with the answer of cel-go.
for expression, answer in [
    ("size('web')", 3),
    ("size('caf\\u00e9')", 4),
    ("timestamp('2026-11-30T10:00:00Z').getHours()", 10),
    ("timestamp('2026-11-30T10:00:00+02:00').getHours()", 8),
    ("timestamp('2026-12-01T01:00:00+02:00').getDayOfMonth()", 29),
    ("timestamp('2026-11-30T10:00:00Z').getHours('+02:00')", 12),
    ("string(true)", "true"),
    ("int(timestamp('1970-01-01T00:01:00Z'))", 60),
]:
    try:
        seen = cel.evaluate(expression, {})
    except Exception as error:
        seen = type(error).__name__
    print(f"{expression}: {seen}" + ("" if seen == answer else f" in place of {answer}"))
END
seen=$(env/bin/python ask.py | tr "'" '"')
echo 'common-expression-language 0.10.0:'
echo "$seen"
expected='size("web"): 3
size("caf\u00e9"): 5 in place of 4
timestamp("2026-11-30T10:00:00Z").getHours(): 10
timestamp("2026-11-30T10:00:00+02:00").getHours(): 10 in place of 8
timestamp("2026-12-01T01:00:00+02:00").getDayOfMonth(): 0 in place of 29
timestamp("2026-11-30T10:00:00Z").getHours("+02:00"): RuntimeError in place of 12
string(true): RuntimeError in place of true
int(timestamp("1970-01-01T00:01:00Z")): RuntimeError in place of 60'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
