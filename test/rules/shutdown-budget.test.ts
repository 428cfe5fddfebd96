import rule from '../../src/rules/shutdown-budget.ts';
import { testRule } from './laws.ts';

testRule(rule);
