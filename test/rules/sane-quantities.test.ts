import rule from '../../src/rules/sane-quantities.ts';
import { testRule } from './laws.ts';

testRule(rule);
