import rule from '../../src/rules/minimum-qos-class.ts';
import { testRule } from './laws.ts';

testRule(rule);
