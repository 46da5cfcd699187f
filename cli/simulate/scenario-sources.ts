// Data sources of a scenario: a CSV file, an SQLite database, or an OpenLDAP server.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import type { People, ScenarioSource } from '../../simulator/scenarios/scenario-source.ts';
import { startScenarioDirectory } from './scenario-directory.ts';

export const scenarioSourceKinds = ['csv', 'sql', 'ldap'] as const;
export type ScenarioSourceKind = (typeof scenarioSourceKinds)[number];

/**
 * @param directory directory of the scenario. @param attributes all attribute names in it.
 * @throws {CommandFailure} with exit code 2 if OpenLDAP is not installed.
 */
export async function createScenarioSource(
  kind: ScenarioSourceKind,
  directory: string,
  attributes: readonly string[],
): Promise<ScenarioSource> {
  switch (kind) {
    case 'csv':
      return createCsvSource(directory);
    case 'sql':
      return createSqlSource(directory);
    case 'ldap':
      return startScenarioDirectory(directory, attributes);
  }
}

/** Creates a CSV source with one row per user, and one more row per group and value. */
function createCsvSource(directory: string): ScenarioSource {
  const path = 'people.csv';
  const columns = { userid: 'userid', group: 'group', attribute: 'attribute', value: 'value' };
  const toField = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return {
    // The server's own guard is off, so that the simulator's guard is tested.
    config: { type: 'csv', path, layout: 'long', columns, maxShrinkPercent: 100 },
    async write(people) {
      const rows = [...people].flatMap(([userid, { groups = [], attributes = {} }]) => [
        [userid, '', '', ''],
        ...groups.map((group) => [userid, group, '', '']),
        ...listValues(attributes).map(([name, value]) => [userid, '', name, value]),
      ]);
      const lines = [Object.values(columns), ...rows].map((row) => row.map(toField).join(','));
      writeFileSync(join(directory, `${path}.part`), `${lines.join('\n')}\n`);
      renameSync(join(directory, `${path}.part`), join(directory, path));
    },
    close: async () => undefined,
  };
}

function createSqlSource(directory: string): ScenarioSource {
  const path = 'people.db';
  return {
    config: {
      type: 'sql',
      connection: { system: 'sqlite', path },
      userQuery: 'SELECT login AS userid FROM people WHERE login = :userid',
      groupsQuery: 'SELECT name FROM memberships WHERE login = :userid',
      attributesQuery: 'SELECT name, value FROM attributes WHERE login = :userid',
    },
    /** Replaces the database atomically, so that the server never sees a partial state. */
    async write(people) {
      const draft = join(directory, `${path}.part`);
      fillDatabase(draft, people);
      renameSync(draft, join(directory, path));
    },
    close: async () => undefined,
  };
}

function fillDatabase(file: string, people: People): void {
  const db = new sqlite.Database(file);
  try {
    db.exec(`BEGIN;
      CREATE TABLE people (login TEXT PRIMARY KEY);
      CREATE TABLE memberships (login TEXT, name TEXT);
      CREATE TABLE attributes (login TEXT, name TEXT, value TEXT);`);
    for (const [userid, { groups = [], attributes = {} }] of people) {
      db.run('INSERT INTO people VALUES (?)', [userid]);
      for (const group of groups) db.run('INSERT INTO memberships VALUES (?, ?)', [userid, group]);
      for (const [name, value] of listValues(attributes)) {
        db.run('INSERT INTO attributes VALUES (?, ?, ?)', [userid, name, value]);
      }
    }
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

function listValues(attributes: Readonly<Record<string, readonly string[]>>): Array<readonly [string, string]> {
  return Object.entries(attributes).flatMap(([name, values]) => values.map((value) => [name, value] as const));
}
