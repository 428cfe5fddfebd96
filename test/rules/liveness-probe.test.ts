import rule from '../../src/rules/liveness-probe.ts';
import { testRule } from './laws.ts';

testRule(rule);
