// List of adapters.
import type { Adapter, AdapterConfig, AdapterType } from './adapter.ts';
import csv from './csv/csv-adapter.ts';
import httpProxy from './http-proxy/http-proxy-adapter.ts';
import ldap from './ldap/ldap-adapter.ts';
import ldif from './ldap/ldif/ldif-adapter.ts';
import module from './module/module-adapter.ts';
import sql from './sql/sql-adapter.ts';
import staticUsers from './static/static-adapter.ts';

/** By type; the compiler reports a type of the schema without an adapter. */
const byType: { readonly [Type in AdapterType]: Adapter<Type> } = {
  csv,
  'http-proxy': httpProxy,
  ldap,
  ldif,
  module,
  sql,
  static: staticUsers,
};

/** Every adapter. Each must be called only with options of its own type. */
export const adapters = Object.values(byType) as readonly Adapter[];

/** Returns the adapter of a source. */
export function adapterOf({ type }: AdapterConfig): Adapter {
  return byType[type] as Adapter;
}
