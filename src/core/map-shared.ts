import { Work } from './work.ts';

/** Maps a list and keeps it, the same reference, where every element stayed the same. */
export function mapShared<T extends object>(list: T[], change: (element: T) => T, work = Work.UNBOUNDED): T[] {
  let changed: T[] | undefined;
  for (let index = 0; index < list.length; index++) {
    work.spendAt(index);
    const element = list[index];
    if (element === undefined) continue;
    const after = change(element);
    if (after !== element) (changed ??= [...list])[index] = after;
  }
  return changed ?? list;
}
