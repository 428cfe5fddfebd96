/** The direction of imports (docs/architecture.md). Edges are named, so that a refusal says which rule it breaks. */
const to = (...folders) => ({ path: folders.map((folder) => `^src/${folder}/`) });
const from = (...folders) => ({ path: folders.map((folder) => `^src/${folder}/`) });
const ADAPTERS = ['server', 'cli', 'kube'];
const SUPPORT = ['config', 'telemetry'];
const LEAVES = ['yaml', 'pki', 'files'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-imports-core-only',
      comment: 'The domain is pure: no Node built-ins, no packages, nothing of ours but itself.',
      severity: 'error',
      from: from('core'),
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'rules-import-core-only',
      comment: 'A rule is one file over the domain.',
      severity: 'error',
      from: { path: '^src/rules/', pathNot: '^src/rules/index' },
      to: { pathNot: '^src/core/' },
    },
    {
      name: 'admission-imports-core',
      severity: 'error',
      from: from('admission'),
      to: to('rules', ...SUPPORT, ...ADAPTERS, ...LEAVES, 'serve', 'bin', 'dev'),
    },
    { name: 'config-and-telemetry-import-inwards', severity: 'error', from: from(...SUPPORT), to: to(...ADAPTERS, 'serve', 'bin', 'dev') },
    { name: 'config-and-telemetry-do-not-know-each-other', severity: 'error', from: from('telemetry'), to: to('config') },
    {
      name: 'server-does-not-import-other-adapters',
      severity: 'error',
      from: from('server'),
      to: to('cli', 'kube', 'serve', 'bin', 'dev'),
    },
    { name: 'cli-does-not-import-the-server', severity: 'error', from: from('cli'), to: to('server', 'serve', 'bin', 'dev') },
    { name: 'kube-does-not-import-other-adapters', severity: 'error', from: from('kube'), to: to('server', 'cli', 'serve', 'bin', 'dev') },
    {
      name: 'leaves-import-nothing-of-ours',
      severity: 'error',
      from: { path: LEAVES.map((leaf) => `^src/(${leaf})/`) },
      to: { path: '^src/', pathNot: '^src/$1/' },
    },
    { name: 'only-bin-imports-serve', severity: 'error', from: { pathNot: '^src/(serve|bin)/' }, to: to('serve') },
    { name: 'nobody-imports-bin-or-dev', severity: 'error', from: { pathNot: '^src/(bin|dev)/' }, to: to('bin', 'dev') },
    {
      name: 'client-node-only-in-kube',
      comment: 'It costs 70 MB at import; types are free anywhere.',
      severity: 'error',
      from: { pathNot: '^src/kube/' },
      to: { path: 'node_modules/@kubernetes/client-node', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'nothing-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
