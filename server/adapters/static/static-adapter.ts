// Adapter `static`: users in the configuration itself.
import type { Adapter } from '../adapter.ts';

const staticUsers: Adapter<'static'> = {
  type: 'static',
  validate: [],
  create: async (config) => (await import('./static-source.ts')).createStaticSource(config),
};
export default staticUsers;
