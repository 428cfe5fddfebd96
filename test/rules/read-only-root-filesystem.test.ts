import rule from '../../src/rules/read-only-root-filesystem.ts';
import { testRule } from './laws.ts';

testRule(rule);
