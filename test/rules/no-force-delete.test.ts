import rule from '../../src/rules/no-force-delete.ts';
import { testRule } from './laws.ts';

testRule(rule);
