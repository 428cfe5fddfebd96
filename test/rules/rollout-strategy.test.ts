import rule from '../../src/rules/rollout-strategy.ts';
import { testRule } from './laws.ts';

testRule(rule);
