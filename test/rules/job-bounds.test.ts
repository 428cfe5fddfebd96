import rule from '../../src/rules/job-bounds.ts';
import { testRule } from './laws.ts';

testRule(rule);
