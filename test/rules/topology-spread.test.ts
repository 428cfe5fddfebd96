import rule from '../../src/rules/topology-spread.ts';
import { testRule } from './laws.ts';

testRule(rule);
