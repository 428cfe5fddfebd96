import rule from '../../src/rules/local-volume.ts';
import { testRule } from './laws.ts';

testRule(rule);
