import rule from '../../src/rules/empty-dir-size-limit.ts';
import { testRule } from './laws.ts';

testRule(rule);
