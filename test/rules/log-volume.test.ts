import rule from '../../src/rules/log-volume.ts';
import { testRule } from './laws.ts';

testRule(rule);
