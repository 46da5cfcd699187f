// Renders the Helm chart of examples/deployments with Helm, and the plain manifests made from it.
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { scratchDirectory } from '../certificate-files.ts';
import { findProgram } from '../services/service-process.ts';

const run = promisify(execFile);
const projectRoot = join(import.meta.dirname, '../..');

export const deployments = join(projectRoot, 'examples/deployments');
export const chartDirectory = join(deployments, 'helm/user-info');
export const manifestsFile = join(deployments, 'kubernetes/user-info.yaml');

/** A Kubernetes object, as its API accepts it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: the content of an object depends on its kind, which the test knows.
  readonly [part: string]: any;
}

function helmProgram(): string {
  const brought = join(projectRoot, 'node_modules/.cache/helm/helm');
  return existsSync(brought) ? brought : findProgram('helm');
}

/** Runs Helm without the user's own settings. @throws an error that contains Helm's message when it fails. */
export async function helm(...arguments_: string[]): Promise<string> {
  const home = scratchDirectory();
  const env = { ...process.env, HELM_CONFIG_HOME: home, HELM_CACHE_HOME: home, HELM_DATA_HOME: home };
  return (await run(helmProgram(), arguments_, { env })).stdout;
}

/** Renders the chart. @param values differences from the chart's values.yaml. */
async function renderText(values: object = {}): Promise<string> {
  const file = join(scratchDirectory(), 'values.json');
  writeFileSync(file, JSON.stringify(values));
  return helm('template', 'user-info', chartDirectory, '--namespace', 'user-info', '--values', file);
}

export function parseObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
}

export async function renderChart(values: object = {}): Promise<KubernetesObject[]> {
  return parseObjects(await renderText(values));
}

/** Returns the manifests for use without Helm: the default output of the chart, without Helm's labels. */
export async function renderManifests(): Promise<string> {
  const text = (await renderText())
    .replace(/^ +(helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '')
    .replace(/^# Source: .*\n/gm, '');
  return [
    '# Generated from the Helm chart by `npm run generate:manifests`. docs/guides/deploy.md lists the Secrets that it needs.',
    '# Change the image, the configuration in the ConfigMap, and the allowed clients in the NetworkPolicy.',
    text,
  ].join('\n');
}
