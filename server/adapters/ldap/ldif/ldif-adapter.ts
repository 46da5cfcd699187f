// Adapter `ldif`: users in an LDIF file.
import { probeFile } from '../../../doctor/probes/probe-file.ts';
import type { Adapter } from '../../adapter.ts';
import { mappingRule } from '../ldap-option-rules.ts';

const ldif: Adapter<'ldif'> = {
  type: 'ldif',
  validate: [mappingRule],
  create: async (config, context) => (await import('./ldif-source.ts')).createLdifSource(config, context),
  diagnose: ({ path }) => probeFile(path),
};
export default ldif;
