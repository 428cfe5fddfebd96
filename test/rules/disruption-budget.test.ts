import rule from '../../src/rules/disruption-budget.ts';
import { testRule } from './laws.ts';

testRule(rule);
