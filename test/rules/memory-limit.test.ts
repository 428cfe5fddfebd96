import rule from '../../src/rules/memory-limit.ts';
import { testRule } from './laws.ts';

testRule(rule);
