/** podgrace's own rules, in the order in which they mutate. */
import { Catalogue } from '../core/catalogue.ts';
import { rules } from '../rules/index.ts';

export const catalogue = new Catalogue(rules);
