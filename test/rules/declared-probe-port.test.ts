import rule from '../../src/rules/declared-probe-port.ts';
import { testRule } from './laws.ts';

testRule(rule);
