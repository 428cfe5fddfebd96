import t from 'tap';
import { isObject } from '../../src/core/json.ts';
import { parseQuantity } from '../../src/core/quantity.ts';
import { storedObject } from '../../src/core/stored-object.ts';
import { atLeast } from '../long-tests.ts';
import { readGolden, skipWithoutGolden } from './golden.ts';

/** The version that gave the answers. */
const MINOR = 36;

/** Maps of amounts, by the key that holds them. */
const AMOUNTS: ReadonlySet<string> = new Set(['requests', 'limits', 'sizeLimit', 'divisor', 'overhead']);

/** What says nothing is left out, as the API server leaves it out, and amounts are compared by value. */
function plain(value: unknown, key = ''): unknown {
  if (AMOUNTS.has(key)) return isObject(value) ? mapped(value, amount) : amount(value);
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((element) => plain(element) ?? {});
  if (isObject(value)) return mapped(value, plain);
  return value == null || value === '' || value === 0 || value === false ? undefined : value;
}

function mapped(object: Readonly<Record<string, unknown>>, change: (value: unknown, key: string) => unknown): unknown {
  const entries = Object.entries(object).map(([key, value]) => [key, change(value, key)] as const);
  const left = entries.filter(([, value]) => value !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

function amount(value: unknown): unknown {
  const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
  return quantity?.nano.toString();
}

/** What the API server makes and no default is: its own counts, and the names of Jobs. */
const OF_NO_DEFAULT =
  /^\/metadata\/(?:generation|name)$|^\/status\/|deprecated\.daemonset\.template\.generation$|\/(?:batch\.kubernetes\.io\/)?(?:controller-uid|job-name)$/;

const paths = (value: unknown, at = ''): Map<string, unknown> => {
  if (typeof value !== 'object' || value === null) return new Map([[at, value]]);
  return new Map(Object.entries(value).flatMap(([key, member]) => [...paths(member, `${at}/${key}`)]));
};

for (const name of ['pods', 'workloads'] as const) {
  void t.test(`${name}: every default of a real API server, and no other`, { skip: skipWithoutGolden() }, (t) => {
    let compared = 0;
    const different = new Map<string, string>();
    const note = (path: string, what: string): unknown => different.set(path.replaceAll(/\/\d+/g, '/*'), what);
    for (const { file, posted, code, stored } of readGolden(name)) {
      if (code !== 201 || stored === undefined) continue;
      const sent = paths(plain(posted));
      const ours = paths(plain(storedObject(posted, MINOR)));
      const theirs = paths(plain(stored));
      compared += 1;
      for (const [path, value] of theirs)
        if (ours.get(path) !== value && !OF_NO_DEFAULT.test(path))
          note(path, `${file}: ${String(ours.get(path))}, stored ${String(value)}`);
      // What the API does not know stays in ours.
      for (const [path, value] of ours)
        if (!theirs.has(path) && sent.get(path) !== value) note(path, `${file}: ${String(value)}, not stored`);
    }
    t.ok(compared >= atLeast(4000), `${compared} compared`);
    t.same([...different], []);
    t.end();
  });
}
