// Tests that no fault of a backend becomes a wrong response: every source × every fault, through the whole server, and the table of results.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { resolveOption, serverConfigSchema, shapesOf } from '../schemas/server-config-schema.ts';
import { ask } from './ask-server.ts';
import {
  type FaultName,
  type FaultSubject,
  faultNames,
  type SubjectReport,
  startOnSubject,
  tryFaults,
} from './fault-matrix.ts';
import { faultPage } from './fault-page.ts';
import { activeDirectorySubject } from './fault-subjects/active-directory-subject.ts';
import { csvSubject, ldifSubject, staticSubject } from './fault-subjects/file-subject.ts';
import {
  httpProxySubject,
  mergeSubject,
  moduleSubject,
  optionalMergeSubject,
  staleSubject,
} from './fault-subjects/http-subject.ts';
import { ldapSubject } from './fault-subjects/ldap-subject.ts';
import { mysqlSubject, postgresqlSubject, sqliteSubject } from './fault-subjects/sql-subject.ts';
import { adaBody, startTestServer } from './test-server.ts';

/** The columns of the table, each consisting of one or more subjects with different cells. */
const subjects: Readonly<Record<string, (() => Promise<FaultSubject>)[]>> = {
  'ldap, OpenLDAP': [ldapSubject],
  'ldap, Active Directory (Samba)': [activeDirectorySubject],
  'http-proxy': [httpProxySubject],
  'http-proxy, stale if error': faultNames.map((fault) => () => staleSubject(fault)),
  'sql, PostgreSQL': [postgresqlSubject],
  'sql, MariaDB': [() => mysqlSubject('MariaDB')],
  'sql, MySQL': [() => mysqlSubject('MySQL')],
  'sql, SQLite': [sqliteSubject],
  module: [moduleSubject],
  merge: [mergeSubject],
  'merge, optional': [optionalMergeSubject],
  csv: [csvSubject],
  ldif: [ldifSubject],
  static: [staticSubject],
};

const pageUrl = new URL('../docs/reference/faults.md', import.meta.url);

describe('faults of backends', () => {
  const reports = new Map<string, SubjectReport>();
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);

  before(async function () {
    this.timeout(300_000);
    process.on('unhandledRejection', onRejection);
    // Blocking work (starting backends, then servers) comes first, because timeouts would otherwise elapse in the meantime.
    const made = await Promise.all(
      Object.entries(subjects).flatMap(([name, makes]) => makes.map(async (make) => ({ name, subject: await make() }))),
    );
    const started = [];
    for (const { name, subject } of made) started.push({ name, subject, server: await startOnSubject(subject) });
    // The subjects are tested concurrently, because most of the time is spent waiting for timeouts.
    await Promise.all(
      started.map(async ({ name, subject, server }) => {
        const report = await tryFaults(subject, server);
        const wrongs = [...(reports.get(name)?.end.wrongs ?? []), ...report.end.wrongs];
        reports.set(name, { ...reports.get(name), ...report, end: { outcome: '', wrongs } });
      }),
    );
  });
  after(() => process.off('unhandledRejection', onRejection));

  const reportOf = (subject: string, name: FaultName | 'end') => {
    const report = reports.get(subject)?.[name];
    if (!report) throw new Error(`${subject} was not tried: ${name}`);
    return report;
  };

  it('are tested with every kind of source', () => {
    const { source } = serverConfigSchema.properties ?? {};
    const kinds = [...shapesOf(resolveOption(source ?? {})).keys()];
    expect(new Set(Object.keys(subjects).map((name) => name.split(',')[0]))).to.deep.equal(new Set(kinds));
  });

  for (const subject of Object.keys(subjects)) {
    for (const fault of faultNames) {
      it(`${subject}: ${fault}`, () => {
        expect(reportOf(subject, fault).wrongs).to.deep.equal([]);
      });
    }

    it(`${subject}: no connection is leaked`, () => {
      expect(reportOf(subject, 'end').wrongs).to.deep.equal([]);
    });
  }

  it('of the disk that contains the log affect no response', async () => {
    const server = await startTestServer({ logging: { destination: '/dev/full', level: 'debug' } });
    try {
      // Runs longer than the time for which the log buffers lines.
      for (const endMs = Date.now() + 700; Date.now() < endMs; await delay(20)) {
        expect(await ask(server.adaUrl)).to.include({ status: 200, body: adaBody });
      }
    } finally {
      await server.stop();
    }
  });

  it('cause no unhandled rejection', () => {
    expect(rejections).to.deep.equal([]);
  });

  it('match docs/reference/faults.md', () => {
    const page = faultPage(Object.keys(subjects), (subject, fault) => reportOf(subject, fault).outcome);
    process.stdout.write(`${page.slice(page.indexOf('| fault'))}\n`);
    if (process.env.WRITE_FAULT_TABLE === '1') writeFileSync(pageUrl, page);
    const isFresh = readFileSync(pageUrl, 'utf8') === page;
    expect(isFresh, 'docs/reference/faults.md is stale: run npm run generate:fault-table').to.equal(true);
  });
});
