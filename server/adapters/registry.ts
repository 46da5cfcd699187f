// List of adapters, one line each. adapter-of.ts finds the adapter of a source.
export { default as csv } from './csv/csv-adapter.ts';
export { default as httpProxy } from './http-proxy/http-proxy-adapter.ts';
export { default as ldap } from './ldap/ldap-adapter.ts';
export { default as ldif } from './ldap/ldif/ldif-adapter.ts';
export { default as module } from './module/module-adapter.ts';
export { default as sql } from './sql/sql-adapter.ts';
export { default as staticUsers } from './static/static-adapter.ts';
