import rule from '../../src/rules/no-host-path.ts';
import { testRule } from './laws.ts';

testRule(rule);
