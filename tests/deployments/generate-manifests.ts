// Writes the plain Kubernetes manifests from the Helm chart (`npm run generate:manifests`).
import { writeFileSync } from 'node:fs';
import { manifestsFile, renderManifests } from './render-chart.ts';

writeFileSync(manifestsFile, await renderManifests());
