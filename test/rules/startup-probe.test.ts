import rule from '../../src/rules/startup-probe.ts';
import { testRule } from './laws.ts';

testRule(rule);
