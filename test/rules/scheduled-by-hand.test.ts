import rule from '../../src/rules/scheduled-by-hand.ts';
import { testRule } from './laws.ts';

testRule(rule);
