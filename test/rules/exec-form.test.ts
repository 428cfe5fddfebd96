import rule from '../../src/rules/exec-form.ts';
import { testRule } from './laws.ts';

testRule(rule);
