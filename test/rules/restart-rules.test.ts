import rule from '../../src/rules/restart-rules.ts';
import { testRule } from './laws.ts';

testRule(rule);
