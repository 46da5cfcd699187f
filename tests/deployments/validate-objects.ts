// Validates Kubernetes objects with the API's own schemas: values and names of fields.
import { join } from 'node:path';
import ts from 'typescript';
import type { KubernetesObject } from './render-chart.ts';

const projectRoot = join(import.meta.dirname, '../..');

/** Returns the module of a kind in the npm packages. */
function moduleOf({ apiVersion, kind }: KubernetesObject): string {
  const packageName = apiVersion.startsWith('cert-manager.io/')
    ? '@kubernetes-models/cert-manager'
    : 'kubernetes-models';
  return `${packageName}/${apiVersion}/${kind}`;
}

/**
 * Validates objects with the validators and with the TypeScript compiler. The validators check required fields, types and formats; they accept
 * unknown fields, as old API servers did. The compiler detects these: an object literal must not have a field that is missing from its type.
 *
 * @returns the errors, one per line.
 */
export async function validateObjects(objects: readonly KubernetesObject[]): Promise<string[]> {
  const faults: string[] = [];
  for (const object of objects) {
    const { [object.kind]: Model } = await import(moduleOf(object));
    try {
      new Model(object).validate();
    } catch (error) {
      faults.push(`${object.kind} ${object.metadata.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return [...faults, ...findUnknownFields(objects)];
}

function findUnknownFields(objects: readonly KubernetesObject[]): string[] {
  const file = join(projectRoot, 'kubernetes-objects.ts');
  const lines = objects.map((object, index) => {
    const type = `import('${moduleOf(object)}').I${object.kind}`;
    return `export const object${index}: ${type} = ${JSON.stringify(object)};`;
  });
  const options: ts.CompilerOptions = {
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (name) => (name === file ? lines.join('\n') : readFile(name));
  host.fileExists = (name) => name === file || fileExists(name);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '));
}
