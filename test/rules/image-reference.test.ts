import rule from '../../src/rules/image-reference.ts';
import { testRule } from './laws.ts';

testRule(rule);
