// Tests the Helm chart with the real Helm, its rendered objects against the schemas of Kubernetes and cert-manager, and the manifests generated from
// it.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseConfig } from '../start-server.ts';
import { secretReference } from '../test-server.ts';
import {
  chartDirectory,
  helm,
  type KubernetesObject,
  manifestsFile,
  parseObjects,
  renderChart,
  renderManifests,
} from './render-chart.ts';
import { validateObjects } from './validate-objects.ts';

const testTimeoutMs = 60_000;

/** Values that reach every branch of the templates. */
const valueSets: ReadonlyArray<[name: string, values: object]> = [
  ['the defaults', {}],
  [
    'everything switched on',
    {
      image: { digest: `sha256:${'a'.repeat(64)}` },
      imagePullSecrets: [{ name: 'registry' }],
      certificate: { enabled: true },
      service: { type: 'LoadBalancer', port: 8443, annotations: { 'example.com/internal': 'true' } },
      networkPolicy: {
        egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ protocol: 'TCP', port: 636 }] }],
      },
      podAnnotations: { 'example.com/team': 'identity' },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'dedicated', operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      extraEnv: [{ name: 'USER_INFO__LOGGING__LEVEL', value: 'warn' }],
      extraVolumes: [{ name: 'directory-ca', configMap: { name: 'directory-ca' } }],
      extraVolumeMounts: [{ name: 'directory-ca', mountPath: '/run/directory-ca', readOnly: true }],
    },
  ],
  [
    'everything switched off',
    {
      autoscaling: { enabled: false },
      podDisruptionBudget: { enabled: false },
      networkPolicy: { enabled: false },
      rolloutOnConfigChange: false,
      secrets: { clientCa: '', users: '' },
    },
  ],
  ['no allowed client', { networkPolicy: { platform: [], monitoring: [] } }],
];

function findObject(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} was rendered`);
  return found;
}

describe('the Helm chart', function () {
  this.timeout(testTimeoutMs);

  it('passes helm lint', async () => {
    expect(await helm('lint', '--strict', chartDirectory)).to.include('0 chart(s) failed');
  });

  for (const [name, values] of valueSets) {
    it(`renders objects that Kubernetes accepts: ${name}`, async () => {
      const objects = await renderChart(values);
      expect(objects).to.have.length.greaterThan(3);
      expect(await validateObjects(objects)).to.deep.equal([]);
    });
  }

  it('is validated by a schema that detects unknown fields, missing fields and invalid values', async () => {
    const deployment = findObject(await renderChart(), 'Deployment');
    const { spec } = deployment;
    const broken = [
      { ...deployment, spec: { ...spec, replicsa: 2 } },
      { ...deployment, spec: { ...spec, selector: undefined } },
      { ...deployment, spec: { ...spec, minReadySeconds: 'soon' } },
    ];
    for (const object of broken) expect(await validateObjects([object])).to.have.length.greaterThan(0);
  });

  it('runs every pod without privileges, on a read-only root file system', async () => {
    const { spec } = findObject(await renderChart(), 'Deployment').spec.template;
    expect(spec.securityContext).to.include({ runAsNonRoot: true, runAsUser: 65532 });
    expect(spec.automountServiceAccountToken).to.equal(false);
    expect(spec.containers[0].securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('has a valid default configuration', async () => {
    const text: string = findObject(await renderChart(), 'ConfigMap').data['user-info.yaml'];
    const hash = secretReference('HASH');
    const config = parseConfig(text.replace(/\$\{file:[^}]+\}/, hash), {
      fileName: 'user-info.yaml',
      baseDirectory: '/',
      environment: { HASH: '$2y$10$abcdefghijklmnopqrstuuUlRHm2sQfHLcYlqmCzZjUjJXwWq3dG2' },
    });
    expect([config.listener.port, config.administration?.port]).to.deep.equal([8443, 9090]);
  });

  it('starts new pods only when the configuration changes', async () => {
    const checksum = async (values: object) =>
      findObject(await renderChart(values), 'Deployment').spec.template.metadata.annotations['checksum/config'];
    const first = await checksum({});
    expect(first).to.match(/^[0-9a-f]{64}$/);
    expect(await checksum({ replicaCount: 3 })).to.equal(first);
    expect(await checksum({ config: { logging: { level: 'warn' } } })).not.to.equal(first);
    expect(await checksum({ rolloutOnConfigChange: false })).to.equal(undefined);
  });

  it('waits at shutdown for the configured drain time and deadline', async () => {
    const config = { shutdown: { drainMs: 15_000, deadlineMs: 30_000 } };
    const { spec } = findObject(await renderChart({ config }), 'Deployment').spec.template;
    expect(spec.terminationGracePeriodSeconds).to.equal(55);
  });

  it('allows no client when none is configured', async () => {
    const values = { networkPolicy: { platform: [], monitoring: [] } };
    expect(findObject(await renderChart(values), 'NetworkPolicy').spec.ingress).to.deep.equal([]);
  });

  const refused: ReadonlyArray<[name: string, values: object, complaint: RegExp]> = [
    ['a misspelled value', { replicaCont: 3 }, /replicaCont/],
    ['a listener on a port without a probe', { config: { listener: { port: 443 } } }, /port/],
    ['an administration listener that no probe reaches', { config: { administration: { host: '127.0.0.1' } } }, /host/],
    ['an invalid digest', { image: { digest: 'latest' } }, /digest/],
  ];
  for (const [name, values, complaint] of refused) {
    it(`rejects ${name}`, async () => {
      const failure = await renderChart(values).then(
        () => null,
        (error: Error) => error,
      );
      expect(failure?.message).to.match(complaint);
    });
  }
});

describe('the plain Kubernetes manifests', () => {
  it('are the output of the chart (npm run generate:manifests)', async () => {
    expect(readFileSync(manifestsFile, 'utf8')).to.equal(await renderManifests());
  });

  it('are objects that Kubernetes accepts', async () => {
    expect(await validateObjects(parseObjects(readFileSync(manifestsFile, 'utf8')))).to.deep.equal([]);
  }).timeout(testTimeoutMs);
});
