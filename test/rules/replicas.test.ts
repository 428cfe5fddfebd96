import rule from '../../src/rules/replicas.ts';
import { testRule } from './laws.ts';

testRule(rule);
