import rule from '../../src/rules/pre-stop-handler.ts';
import { testRule } from './laws.ts';

testRule(rule);
