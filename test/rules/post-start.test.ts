import rule from '../../src/rules/post-start.ts';
import { testRule } from './laws.ts';

testRule(rule);
