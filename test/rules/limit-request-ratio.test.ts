import rule from '../../src/rules/limit-request-ratio.ts';
import { testRule } from './laws.ts';

testRule(rule);
