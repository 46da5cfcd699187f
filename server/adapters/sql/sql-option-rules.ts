// Rules of the options of the SQL source, and validation of its queries.
import { isIP } from 'node:net';
import type { SqlSourceConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { isLoopbackHost } from '../../../schemas/loopback.ts';
import { findMissingPackage } from '../../../schemas/optional-packages.ts';
import type { OptionFault, OptionRule } from '../adapter.ts';
import { bindUserid, SqlTextFault } from './sql-text.ts';

/** The drivers that are optional packages, by system. */
const drivers = { postgresql: 'pg', mysql: 'mysql2' } as const;

const tlsOption = 'connection.tls';

export const sqlOptionRules: readonly OptionRule<SqlSourceConfig>[] = [
  {
    reads: ['connection.system'],
    findFaults({ connection: { system } }) {
      const missing = system === 'sqlite' ? null : findMissingPackage(drivers[system]);
      return missing === null ? [] : [{ option: 'connection.system', message: `${system} ${missing}` }];
    },
  },
  queryRule('userQuery'),
  queryRule('groupsQuery'),
  queryRule('attributesQuery'),
  {
    reads: ['connection'],
    findFaults({ connection }) {
      if (connection.system === 'sqlite') return [];
      const { host, tls } = connection;
      const isLocal = host.startsWith('/') || isLoopbackHost(host);
      return isLocal || tls ? [] : [{ option: tlsOption, message: `is required: ${host} is another machine` }];
    },
  },
  {
    reads: ['connection'],
    findFaults({ connection }) {
      if (connection.system === 'sqlite' || !connection.tls) return [];
      const { certificate, key } = connection.tls;
      if ((certificate === undefined) === (key === undefined)) return [];
      return [{ option: tlsOption, message: 'needs both certificate and key, or neither' }];
    },
  },
  {
    reads: ['connection'],
    findFaults({ connection }) {
      if (connection.system !== 'mysql' || !connection.tls) return [];
      const name = connection.tls.serverName ?? connection.host;
      if (isIP(name) === 0 && !name.startsWith('/')) return [];
      const message = 'must be set to a name, because the driver cannot compare a certificate with an address';
      return [{ option: `${tlsOption}.serverName`, message }];
    },
  },
];

function queryRule(option: 'userQuery' | 'groupsQuery' | 'attributesQuery'): OptionRule<SqlSourceConfig> {
  return {
    reads: ['connection.system', option],
    findFaults(config): OptionFault[] {
      const text = config[option];
      if (text === undefined) return [];
      try {
        bindUserid(text, config.connection.system);
        return [];
      } catch (error) {
        if (!(error instanceof SqlTextFault)) throw error;
        return [{ option, message: error.message }];
      }
    },
  };
}
