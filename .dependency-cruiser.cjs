/**
 * The direction of imports. docs/architecture.md has the same table (test/dev/layers.test.ts compares them). Rules have names, so that a
 * refusal says which one it breaks.
 */
const LEAVES = ['yaml', 'pki', 'files'];

/** By folder of `src`: the other folders that it may import. `bin` and `dev` may import all of them. */
const MAY_IMPORT = {
  core: [],
  rules: ['core'],
  admission: ['core'],
  config: ['rules', 'telemetry', 'admission', 'core', ...LEAVES],
  telemetry: ['admission', 'core'],
  server: ['config', 'telemetry', 'admission', 'core', ...LEAVES],
  offline: ['config', 'admission', 'core', ...LEAVES],
  'kube/client': ['core', ...LEAVES],
  'kube/certificates': ['kube/client', 'core', ...LEAVES],
  'kube/watch': ['kube/client', 'core', ...LEAVES],
  'kube/commands': ['kube/client', 'offline', 'config', 'admission', 'core', ...LEAVES],
  images: ['core', 'files'],
  cli: ['kube/commands', 'kube/client', 'offline', 'images', 'config', 'telemetry', 'admission', 'core', ...LEAVES],
  serve: ['server', 'kube/certificates', 'kube/watch', 'kube/client', 'images', 'config', 'telemetry', 'admission', 'core', ...LEAVES],
  yaml: [],
  pki: [],
  files: [],
};

const folders = (names) => names.map((name) => `^src/${name}/`);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(MAY_IMPORT).map(([folder, others]) => ({
      name: `${folder.replace('/', '-')}-imports`,
      severity: 'error',
      from: { path: folders([folder]) },
      to: { path: '^src/', pathNot: folders([folder, ...others]) },
    })),
    {
      name: 'core-and-rules-are-pure',
      comment: 'No built-ins of Node, and no packages.',
      severity: 'error',
      from: { path: folders(['core', 'rules']) },
      to: { pathNot: '^src/' },
    },
    {
      name: 'a-rule-is-one-file',
      comment: 'Only the index imports rules.',
      severity: 'error',
      from: { path: '^src/rules/', pathNot: '^src/rules/index' },
      to: { path: '^src/rules/' },
    },
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
