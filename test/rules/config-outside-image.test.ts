import rule from '../../src/rules/config-outside-image.ts';
import { testRule } from './laws.ts';

testRule(rule);
