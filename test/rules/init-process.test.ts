import rule from '../../src/rules/init-process.ts';
import { testRule } from './laws.ts';

testRule(rule);
