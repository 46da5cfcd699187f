// OpenLDAP server with the people of a scenario: a slapd in the scenario's directory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Attribute, Client } from 'ldapts';
import type { People, ScenarioSource } from '../../simulator/scenarios/scenario-source.ts';
import { invalidUsage } from '../exit-codes.ts';
import { findFreePort, untilListening } from '../serve/local-ports.ts';

const suffix = 'dc=scenario,dc=test';
const peopleBase = `ou=people,${suffix}`;
const groupsBase = `ou=groups,${suffix}`;
const admin = { dn: `cn=admin,${suffix}`, password: 'the administrator of a scenario' };
/** OpenLDAP requires a group to have at least one member. */
const nobody = `cn=nobody,${suffix}`;
/** Private numbers for attribute types: user names and values are case-sensitive, as in the other sources. */
const oid = '1.3.6.1.4.1.4203.666.7';

/** @throws {CommandFailure} with exit code 2 if OpenLDAP is not installed. @throws {StepFailure} if slapd does not start. */
export async function startScenarioDirectory(
  directory: string,
  attributes: readonly string[],
): Promise<ScenarioSource> {
  const types = new Map(attributes.map((name, index) => [name, `scenarioValue${index}`]));
  const data = join(directory, 'directory');
  mkdirSync(data);
  const configuration = join(directory, 'slapd.conf');
  writeFileSync(configuration, describeServer(data, [...types.values()]));
  // Configurations never contain secrets, not even this one.
  writeFileSync(join(directory, 'directory-password'), admin.password, { mode: 0o600 });
  const port = await findFreePort();
  const url = `ldap://127.0.0.1:${port}`;
  const child = spawn(findSlapd(), ['-d', '0', '-f', configuration, '-h', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const client = new Client({ url, timeout: 10_000, connectTimeout: 10_000 });
  try {
    await untilListening(child, port, 'OpenLDAP');
    await client.bind(admin.dn, admin.password);
    await client.add(suffix, { objectClass: ['domain'], dc: 'scenario' });
    for (const [dn, ou] of [[peopleBase, 'people'] as const, [groupsBase, 'groups'] as const]) {
      await client.add(dn, { objectClass: ['organizationalUnit'], ou });
    }
  } catch (error) {
    await stop(child, client);
    throw error;
  }
  return {
    config: {
      type: 'ldap',
      preset: 'openldap',
      urls: [url],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration.
      bind: { dn: admin.dn, password: '${file:directory-password}' },
      user: { base: peopleBase, attributes: ['scenarioLogin'] },
      groups: { strategy: 'search', base: groupsBase, name: 'scenarioGroup' },
      authorizations: [...types].map(([name, attribute]) => ({ name, attribute })),
    },
    write: (people) => replaceEntries(client, types, people),
    close: () => stop(child, client),
  };
}

function describeServer(data: string, types: readonly string[]): string {
  const text = 'EQUALITY caseExactMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15';
  const names = ['scenarioLogin', 'scenarioGroup', ...types];
  return [
    ...['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`),
    ...names.map((name, index) => `attributetype ( ${oid}.1.${index + 1} NAME '${name}' ${text} )`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    'database mdb',
    `suffix "${suffix}"`,
    `rootdn "${admin.dn}"`,
    `rootpw "${admin.password}"`,
    `directory ${data}`,
    'maxsize 104857600',
    'dbnosync',
    'index objectClass,member,scenarioLogin eq',
    '',
  ].join('\n');
}

async function replaceEntries(client: Client, types: ReadonlyMap<string, string>, people: People): Promise<void> {
  for (const base of [groupsBase, peopleBase]) {
    const { searchEntries } = await client.search(base, { scope: 'one', attributes: ['1.1'] });
    for (const { dn } of searchEntries) await client.del(dn);
  }
  const members = new Map<string, string[]>();
  for (const [index, [userid, { groups = [], attributes = {} }]] of [...people].entries()) {
    const dn = `cn=person ${index},${peopleBase}`;
    const values = Object.entries(attributes).filter(([, list]) => list.length > 0);
    await client.add(dn, [
      toAttribute('objectClass', ['inetOrgPerson', 'extensibleObject']),
      toAttribute('cn', [`person ${index}`]),
      toAttribute('sn', [userid]),
      toAttribute('scenarioLogin', [userid]),
      ...values.map(([name, list]) => toAttribute(types.get(name) ?? name, list)),
    ]);
    for (const group of groups) members.set(group, [...(members.get(group) ?? []), dn]);
  }
  for (const [index, [group, dns]] of [...members].entries()) {
    await client.add(`cn=group ${index},${groupsBase}`, [
      toAttribute('objectClass', ['groupOfNames', 'extensibleObject']),
      toAttribute('cn', [`group ${index}`]),
      toAttribute('scenarioGroup', [group]),
      toAttribute('member', [nobody, ...dns]),
    ]);
  }
}

function toAttribute(type: string, values: readonly string[]): Attribute {
  return new Attribute({ type, values: [...values] });
}

async function stop(child: ChildProcess, client: Client): Promise<void> {
  await client.unbind().catch(() => undefined);
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function findSlapd(): string {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/libexec', '/usr/lib/openldap'];
  const found = directories.map((path) => join(path, 'slapd')).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw invalidUsage('--source ldap starts OpenLDAP, but slapd is not installed.');
}
