import rule from '../../src/rules/init-container-wait.ts';
import { testRule } from './laws.ts';

testRule(rule);
