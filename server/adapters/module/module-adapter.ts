// Adapter `module`: users from a JavaScript file that the operator provides.
import { probeFile } from '../../doctor/probes/probe-file.ts';
import type { Adapter } from '../adapter.ts';

const module: Adapter<'module'> = {
  type: 'module',
  validate: [],
  create: async (config, context) => (await import('./module-source.ts')).createModuleSource(config, context),
  diagnose: ({ path }) => probeFile(path),
};
export default module;
