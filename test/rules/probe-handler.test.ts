import rule from '../../src/rules/probe-handler.ts';
import { testRule } from './laws.ts';

testRule(rule);
