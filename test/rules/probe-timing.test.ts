import rule from '../../src/rules/probe-timing.ts';
import { testRule } from './laws.ts';

testRule(rule);
