import rule from '../../src/rules/no-identical-probes.ts';
import { testRule } from './laws.ts';

testRule(rule);
