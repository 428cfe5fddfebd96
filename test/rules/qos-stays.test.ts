import rule from '../../src/rules/qos-stays.ts';
import { testRule } from './laws.ts';

testRule(rule);
