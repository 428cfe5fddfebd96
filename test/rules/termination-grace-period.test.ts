import rule from '../../src/rules/termination-grace-period.ts';
import { testRule } from './laws.ts';

testRule(rule);
