import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** What the core may not touch: the clock comes in from outside. */
const CLOCK = { object: 'Date', property: 'now', message: 'The clock comes in from outside (Circumstances.nowMs).' };

/** What keeps the work bounded by the size of the input (docs/adr/0021). */
const UNGUARDED_PARSER = {
  object: 'JSON',
  property: 'parse',
  message: 'Parse with parseBoundedJson: JSON.parse has no bound on its work.',
};
const SPREAD_CALL = {
  selector: ':matches(CallExpression, NewExpression) > SpreadElement, CallExpression[callee.property.name="apply"]',
  message: 'Use a loop: an array that is spread into a call overflows the stack from some 100,000 elements on.',
};

/** An assertion that reads on to somewhere far away is made again at the next letter: `regexp/no-super-linear-move` does not see it. */
const FAR_ASSERTION = {
  selector: String.raw`Literal[regex.pattern=/\(\?<?[=!](?:[^()]|\((?:[^()]|\([^()]*\))*\))*?(?:\[\^(?:\\.|[^\]\\])*\]|\.)[*+]/]`,
  message: 'Read the text once: a look ahead or behind without a bound makes the work quadratic.',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.tap/', 'coverage/', 'examples/', 'src/rules/index.ts'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js', '*.cjs'] }, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true, allowTypedFunctionExpressions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      // Hot loops index arrays; `entries()` and iterators cost several times as much there.
      '@typescript-eslint/prefer-for-of': 'off',
      // Kubernetes reads '' and 0 in many fields as "not set"; `||` says exactly that.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      // JSON is read with bracket access on index signatures (noPropertyAccessFromIndexSignature of our own accord).
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // Input comes from anybody: no work without a bound, no call that long input breaks.
    files: ['src/**'],
    plugins: { regexp },
    rules: {
      'no-restricted-properties': ['error', UNGUARDED_PARSER],
      'no-restricted-syntax': ['error', SPREAD_CALL, FAR_ASSERTION],
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: true }],
      'regexp/optimal-quantifier-concatenation': 'error',
    },
  },
  {
    // A function with more ways through it (20 is the default of ESLint) hides a table of cases, or steps that have no names yet.
    files: ['src/**'],
    rules: { complexity: ['error', 20] },
  },
  {
    // What belongs together is one value with a name. Properties take as many arbitraries as they need.
    files: ['src/**', 'bench/**', 'test/**'],
    ignores: ['test/**/*.property.test.ts', 'test/core/policy.test.ts', 'test/telemetry/metrics.test.ts'],
    rules: { 'max-params': ['error', 4] },
  },
  {
    files: ['test/**', 'bench/**'],
    ignores: ['test/fast-check.ts'],
    rules: { 'no-restricted-imports': ['error', { name: 'fast-check', message: 'Import test/fast-check.ts, which sets the seed.' }] },
  },
  {
    // The core and the rules are pure: what they may not touch, lint says.
    files: ['src/core/**', 'src/rules/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'console',
        'setTimeout',
        'setInterval',
        'fetch',
        'performance',
        'structuredClone',
      ],
      'no-restricted-properties': ['error', CLOCK, UNGUARDED_PARSER],
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    ...tseslint.configs.disableTypeChecked,
    rules: { ...tseslint.configs.disableTypeChecked.rules, '@typescript-eslint/explicit-function-return-type': 'off' },
  },
  { files: ['**/*.cjs'], languageOptions: { globals: { module: 'writable' } } },
);
