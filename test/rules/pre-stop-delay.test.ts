import rule from '../../src/rules/pre-stop-delay.ts';
import { testRule } from './laws.ts';

testRule(rule);
