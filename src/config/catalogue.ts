/** The rules of podgrace, in the order in which their repairs run. */
import { Catalogue } from '../core/catalogue.ts';
import { rules } from '../rules/index.ts';

export const catalogue = new Catalogue(rules);
