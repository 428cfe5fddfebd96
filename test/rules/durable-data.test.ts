import rule from '../../src/rules/durable-data.ts';
import { testRule } from './laws.ts';

testRule(rule);
