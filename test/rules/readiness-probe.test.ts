import rule from '../../src/rules/readiness-probe.ts';
import { testRule } from './laws.ts';

testRule(rule);
