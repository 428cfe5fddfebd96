import rule from '../../src/rules/existing-references.ts';
import { testRule } from './laws.ts';

testRule(rule);
