/** Texts about a rule in reports, apart from its findings. */
import { catalogue } from '../../config/catalogue.ts';

/** The first sentence of why a rule is there; undefined for findings of no rule (`well-formed`). */
export function reasonFor(id: string): string | undefined {
  const why = catalogue.get(id)?.meta.docs.why.replaceAll('\n', ' ');
  return why === undefined ? undefined : (/^.+?\.(?= [A-Z`])/.exec(why)?.[0] ?? why);
}
