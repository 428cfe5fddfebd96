import rule from '../../src/rules/no-secret-in-env.ts';
import { testRule } from './laws.ts';

testRule(rule);
