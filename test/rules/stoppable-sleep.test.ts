import rule from '../../src/rules/stoppable-sleep.ts';
import { testRule } from './laws.ts';

testRule(rule);
