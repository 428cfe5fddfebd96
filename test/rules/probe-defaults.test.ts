import rule from '../../src/rules/probe-defaults.ts';
import { testRule } from './laws.ts';

testRule(rule);
