/** Texts about a rule in reports, apart from its findings. */
import { catalogue } from '../../config/catalogue.ts';

const REASONS = new Map<string, string | undefined>();

/** The first sentence of why a rule is there; undefined for findings of no rule (`well-formed`). */
export function reasonFor(id: string): string | undefined {
  if (REASONS.has(id)) return REASONS.get(id);
  const why = catalogue.get(id)?.meta.docs.why.replaceAll('\n', ' ');
  const reason = why === undefined ? undefined : (/^.+?\.(?= [A-Z`])/.exec(why)?.[0] ?? why);
  REASONS.set(id, reason);
  return reason;
}
