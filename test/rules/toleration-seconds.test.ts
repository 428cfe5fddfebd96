import rule from '../../src/rules/toleration-seconds.ts';
import { testRule } from './laws.ts';

testRule(rule);
