import rule from '../../src/rules/readiness-gates.ts';
import { testRule } from './laws.ts';

testRule(rule);
