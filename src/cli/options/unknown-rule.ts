/** What commands say of an id that no rule has. */
import { catalogue } from '../../config/catalogue.ts';
import { similarWord } from '../../core/similar-word.ts';

/** @param ids of the rules that would do; all of them unless given */
export function unknownRule(id: string, ids: readonly string[] = catalogue.rules.map(({ meta }) => meta.id)): string {
  return `there is no rule ${id}; ${meantRule(id, ids) ?? 'podgrace rules lists them'}`;
}

/** @returns undefined where no rule has a similar id */
export function meantRule(id: string, ids: readonly string[] = catalogue.rules.map(({ meta }) => meta.id)): string | undefined {
  const meant = similarWord(id, ids);
  return meant === undefined ? undefined : `did you mean ${meant}?`;
}
