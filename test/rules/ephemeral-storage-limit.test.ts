import rule from '../../src/rules/ephemeral-storage-limit.ts';
import { testRule } from './laws.ts';

testRule(rule);
