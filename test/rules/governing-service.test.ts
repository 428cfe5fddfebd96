import rule from '../../src/rules/governing-service.ts';
import { testRule } from './laws.ts';

testRule(rule);
