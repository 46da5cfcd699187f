// Import rules of ARCHITECTURE.md: which directory may import which. Each rule's comment says where the reason is.
const seeTable = 'See the import table in ARCHITECTURE.md.';
const productDirectories = ['schemas', 'certs', 'server', 'conformance', 'simulator', 'cli'];

/** Returns the rule that `directory` may import itself and `allowed`, and no other directory of the product. */
function onlyImports(directory, allowed) {
  const others = productDirectories.filter((name) => name !== directory && !allowed.includes(name));
  return {
    name: `${directory}-imports`,
    comment: `${directory}/ may import ${allowed.length ? `${allowed.join('/, ')}/` : 'nothing of ours'}. ${seeTable}`,
    severity: 'error',
    from: { path: `^${directory}/`, pathNot: '\\.test\\.ts$' },
    to: { path: `^(${others.join('|')})/` },
  };
}

export default {
  forbidden: [
    onlyImports('schemas', []),
    onlyImports('certs', ['schemas']),
    onlyImports('server', ['schemas']),
    onlyImports('conformance', ['schemas', 'certs']),
    onlyImports('simulator', ['schemas', 'certs']),
    {
      name: 'adapters-stand-alone',
      comment: `An adapter may import schemas/, files of adapters/ that import no adapter, within.ts, start-thread.ts and doctor/probes/, never the rest of the server. ${seeTable}`,
      severity: 'error',
      from: { path: '^server/adapters/([^/]+)/', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: {
        path: '^server/',
        pathNot: [
          '^server/adapters/$1/',
          '^server/adapters/(?!registry|adapter-of)[^/]+\\.ts$',
          '^server/doctor/probes/',
          '^server/(within|start-thread)\\.ts$',
        ],
      },
    },
    {
      name: 'probes-stand-alone',
      comment: `The probes of doctor/ serve every adapter, so they may import none of them. ${seeTable}`,
      severity: 'error',
      from: { path: '^server/doctor/probes/', pathNot: '\\.test\\.ts$' },
      to: { path: '^server/', pathNot: ['^server/doctor/probes/', '^server/(adapters/user-source|within)\\.ts$'] },
    },
    {
      name: 'adapters-behind-the-registry',
      comment: `Other parts of the server reach an adapter through adapter-of.ts. ${seeTable}`,
      severity: 'error',
      from: { path: '^server/', pathNot: ['^server/adapters/', '\\.test\\.ts$', '/testing/'] },
      to: { path: '^server/adapters/[^/]+/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'product-without-tests',
      comment: `The product may not import tests, bench or examples. ${seeTable}`,
      severity: 'error',
      from: { path: `^(${productDirectories.join('|')})/`, pathNot: ['\\.(test|suite)\\.ts$', '/testing/'] },
      to: { path: '^(tests|bench|examples)/|\\.test\\.ts$|/testing/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle hides which of two files owns something: move the shared part into one of its own.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
