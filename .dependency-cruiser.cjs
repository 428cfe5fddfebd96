/** The direction of imports (docs/architecture.md). Edges are named, so that a refusal says which rule it breaks. */
const to = (...folders) => ({ path: folders.map((folder) => `^src/${folder}/`) });
const from = (...folders) => ({ path: folders.map((folder) => `^src/${folder}/`) });
const ADAPTERS = ['server', 'cli', 'kube', 'images'];
const USE_CASES = ['offline'];
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
      name: 'only-config-imports-rules',
      comment: 'Everybody else meets the rules as the catalogue of a policy.',
      severity: 'error',
      from: { pathNot: '^src/(rules|config|dev)/' },
      to: to('rules'),
    },
    {
      name: 'admission-imports-core',
      severity: 'error',
      from: from('admission'),
      to: to('rules', ...SUPPORT, ...USE_CASES, ...ADAPTERS, ...LEAVES, 'serve', 'bin', 'dev'),
    },
    {
      name: 'config-and-telemetry-import-inwards',
      severity: 'error',
      from: from(...SUPPORT),
      to: to(...USE_CASES, ...ADAPTERS, 'serve', 'bin', 'dev'),
    },
    { name: 'telemetry-does-not-know-config', severity: 'error', from: from('telemetry'), to: to('config') },
    {
      name: 'offline-imports-inwards',
      comment: 'What commands do without printing: values in and out, for the command line, editors and the cluster commands alike.',
      severity: 'error',
      from: from('offline'),
      to: to('telemetry', ...ADAPTERS, 'serve', 'bin', 'dev'),
    },
    {
      name: 'server-does-not-import-other-adapters',
      severity: 'error',
      from: from('server'),
      to: to('offline', 'cli', 'kube', 'images', 'serve', 'bin', 'dev'),
    },
    { name: 'cli-does-not-import-the-server', severity: 'error', from: from('cli'), to: to('server', 'serve', 'bin', 'dev') },
    {
      name: 'kube-does-not-import-other-adapters',
      severity: 'error',
      from: from('kube'),
      to: to('server', 'cli', 'images', 'serve', 'bin', 'dev'),
    },
    {
      name: 'images-imports-core-and-files',
      comment: 'What asks registries knows nothing of who asks.',
      severity: 'error',
      from: from('images'),
      to: { path: '^src/', pathNot: '^src/(images|core|files)/' },
    },
    {
      name: 'rooms-of-kube',
      comment: 'Certificates and watches for the server and commands on a cluster know nothing of each other; all stand on the client.',
      severity: 'error',
      from: { path: '^src/kube/(client|certificates|watch|commands)/' },
      to: { path: '^src/kube/', pathNot: '^src/kube/($1|client)/' },
    },
    { name: 'serve-has-no-cluster-commands', severity: 'error', from: from('serve'), to: { path: '^src/kube/commands/' } },
    { name: 'cli-has-nothing-of-the-server', severity: 'error', from: from('cli'), to: { path: '^src/kube/(certificates|watch)/' } },
    {
      name: 'leaves-import-nothing-of-ours',
      severity: 'error',
      from: { path: LEAVES.map((leaf) => `^src/(${leaf})/`) },
      to: { path: '^src/', pathNot: '^src/$1/' },
    },
    { name: 'serve-does-not-import-cli', severity: 'error', from: from('serve'), to: to('cli', 'offline') },
    { name: 'only-bin-imports-serve', severity: 'error', from: { pathNot: '^src/(serve|bin)/' }, to: to('serve') },
    { name: 'nobody-imports-bin-or-dev', severity: 'error', from: { pathNot: '^src/(bin|dev)/' }, to: to('bin', 'dev') },
    {
      name: 'client-node-only-for-kubeconfigs',
      comment: 'It costs 70 MB at import; types are free anywhere.',
      severity: 'error',
      from: { pathNot: '^src/kube/client/kubeconfig' },
      to: { path: 'node_modules/@kubernetes/client-node', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-circles', comment: 'Circles of types included.', severity: 'error', from: {}, to: { circular: true } },
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
