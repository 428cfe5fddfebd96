#!/usr/bin/env bash
# format_quantity of kubernetes 37.0.2 (PyPI, kubernetes.utils) shows in its documentation how to raise the memory limit of a Pod by a fifth: parse_quantity, times
# 1.2, and format_quantity with quantize=Decimal(1). As it stands there it ends with a TypeError, since a Decimal is not multiplied by a float. With
# Decimal("1.2") it gives back `1Gi` for a limit of 1Gi and `2Gi` for 2Gi: quantize rounds to whole units of the suffix, to the nearest and not up.
# So a controller of limits writes the old limit again, and the container is killed for its memory as before; 3Gi grows by a third.
# With the suffix Mi each limit grows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kubernetes==37.0.2

cat > limits.py <<'END'
from decimal import Decimal
from kubernetes.utils.quantity import format_quantity, parse_quantity

print("documented:", " ".join(line.strip() for line in format_quantity.__doc__.splitlines() if "1.2" in line or 'suffix="' in line))
for limit in "1Gi", "2Gi", "3Gi", "512Mi":
    try:
        as_documented = format_quantity(parse_quantity(limit) * 1.2, suffix="Gi", quantize=Decimal(1))
    except TypeError as error:
        as_documented = f"TypeError: {error}"
    raised = parse_quantity(limit) * Decimal("1.2")
    of_suffix = ", ".join(f"with {suffix} {format_quantity(raised, suffix=suffix, quantize=Decimal(1))}" for suffix in ("Gi", "Mi"))
    print(f"{limit}: as documented {as_documented}; as Decimal {of_suffix}")
END
seen=$(env/bin/python limits.py)
echo 'kubernetes 37.0.2, a limit times 1.2:'
echo "$seen"
expected=$(cat <<'END'
documented: desired_memory = current_memory * 1.2 desired_memory_str = format_quantity(desired_memory, suffix="Gi", quantize=Decimal(1))
1Gi: as documented TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'; as Decimal with Gi 1Gi, with Mi 1229Mi
2Gi: as documented TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'; as Decimal with Gi 2Gi, with Mi 2458Mi
3Gi: as documented TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'; as Decimal with Gi 4Gi, with Mi 3686Mi
512Mi: as documented TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'; as Decimal with Gi 1Gi, with Mi 614Mi
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
