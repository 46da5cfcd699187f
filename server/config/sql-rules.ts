// Cross-field rules of the SQL source, and validation of its queries.
import { isIP } from 'node:net';
import type { LoadedServerConfig, SqlSourceConfig } from '../../schemas/generated/loaded-server-config.ts';
import { isLoopbackHost } from '../../schemas/loopback.ts';
import { findMissingPackage } from '../../schemas/optional-packages.ts';
import { bindUserid, SqlTextFault } from '../adapters/sql/sql-text.ts';
import { type CrossFieldRule, faultAt } from './cross-field-rule.ts';
import type { OptionFault } from './schema-faults.ts';

/** The driver of each system that is not always installed. */
const drivers = { postgresql: 'pg', mysql: 'mysql2' } as const;

export const sqlRules: readonly CrossFieldRule[] = [
  forSql(['connection.system'], ({ connection: { system } }) => {
    const missing = system === 'sqlite' ? null : findMissingPackage(drivers[system]);
    return missing === null ? [] : [faultAt('source.connection.system', `${system} ${missing}`)];
  }),
  ...(['userQuery', 'groupsQuery', 'attributesQuery'] as const).map((option) =>
    forSql(['connection.system', option], (source) => findTextFaults(source, option)),
  ),
  forSql(['connection'], ({ connection }) => {
    if (connection.system === 'sqlite') return [];
    const { host, tls } = connection;
    const isLocal = host.startsWith('/') || isLoopbackHost(host);
    return isLocal || tls ? [] : [faultAt('source.connection.tls', `is needed: ${host} is another machine`)];
  }),
  forSql(['connection'], ({ connection }) => {
    if (connection.system === 'sqlite' || !connection.tls) return [];
    const { certificate, key } = connection.tls;
    if ((certificate === undefined) === (key === undefined)) return [];
    return [faultAt('source.connection.tls', 'needs certificate and key together, or none of them')];
  }),
  forSql(['connection'], ({ connection }) => {
    if (connection.system !== 'mysql' || !connection.tls) return [];
    const name = connection.tls.serverName ?? connection.host;
    const isName = isIP(name) === 0 && !name.startsWith('/');
    return isName
      ? []
      : [
          faultAt(
            'source.connection.tls.serverName',
            'is needed: the driver compares names only, and the host is an address',
          ),
        ];
  }),
];

function findTextFaults(
  source: SqlSourceConfig,
  option: 'userQuery' | 'groupsQuery' | 'attributesQuery',
): readonly OptionFault[] {
  const text = source[option];
  if (text === undefined) return [];
  try {
    bindUserid(text, source.connection.system);
    return [];
  } catch (error) {
    if (!(error instanceof SqlTextFault)) throw error;
    return [faultAt(`source.${option}`, error.message)];
  }
}

/** A rule for the options `names` of an SQL source. */
function forSql(names: readonly string[], find: (source: SqlSourceConfig) => readonly OptionFault[]): CrossFieldRule {
  return {
    reads: ['source.type', ...names.map((name) => `source.${name}`)],
    findFaults: ({ source }: LoadedServerConfig) => (source.type === 'sql' ? find(source) : []),
  };
}
