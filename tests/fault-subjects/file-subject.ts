// Columns csv, ldif and static of the fault matrix: files served from memory, and no backend at all.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../ask-server.ts';
import { scratchDirectory } from '../certificate-files.ts';
import { ada, adaId, type FaultCell, type FaultSubject, faultNames, none, settle } from '../fault-matrix.ts';
import { findFreePort } from '../services/service-process.ts';
import { directoryFile } from './ldap-subject.ts';

const head = 'email,groups,region';
const adaRow = `${adaId},${ada.groups.join('|')},${ada.authorizations.region.join('|')}`;
const whole = `${head}\n${adaRow}\ngrace@example.test,"engineering|say ""hi""",emea\n`;

export function csvSubject(): Promise<FaultSubject> {
  const columns = {
    userid: 'email',
    groups: [{ column: 'groups', separator: '|' }],
    authorizations: [{ column: 'region', separator: '|' }],
  };
  return fileSubject({ type: 'csv', columns }, 'users.csv', whole, {
    'malformed response': whole.replace('"engineering', 'engineer"ing'),
    'duplicate entry': `${whole}${adaId},analysts,emea\n`,
    'file half-written, or disk full': whole.slice(0, whole.indexOf('hi') + 1),
  });
}

export function ldifSubject(): Promise<FaultSubject> {
  const { text, mapping, adaEntry } = directoryFile;
  return fileSubject({ type: 'ldif', ...mapping }, 'directory.ldif', text, {
    'malformed response': `${text}\nno name and no value\n`,
    'duplicate entry': `${text}\n${adaEntry}`,
    'file half-written, or disk full': text.slice(0, text.indexOf('member:') + 20),
  });
}

type FileFault = 'malformed response' | 'duplicate entry' | 'file half-written, or disk full';

/** @param faulty content of the file during a fault. */
async function fileSubject(
  source: object,
  name: string,
  text: string,
  faulty: Readonly<Record<FileFault, string>>,
): Promise<FaultSubject> {
  const path = join(scratchDirectory(), name);
  writeFileSync(path, text);
  const administration = { host: '127.0.0.1', port: await findFreePort() };
  const readiness = async () => {
    const { body } = await ask(`http://127.0.0.1:${administration.port}/readyz`);
    return (JSON.parse(body) as { status: string }).status;
  };
  const showing = async (shown: string | null, status: string) => {
    if (shown === null) rmSync(path);
    else writeFileSync(path, shown);
    if (!(await settle(async () => (await readiness()) === status))) throw new Error(`readiness is not ${status}`);
  };
  /** @param shown content of the file; `null`: there is none. */
  const refused = (shown: string | null): FaultCell => ({
    expected: '200, last good data',
    inflict: () => showing(shown, 'degraded'),
    heal: () => showing(text, 'ready'),
  });
  return {
    source: { ...source, path },
    sections: { administration },
    cells: {
      ...none('no network', ...faultNames),
      'malformed response': refused(faulty['malformed response']),
      'duplicate entry': refused(faulty['duplicate entry']),
      'file half-written, or disk full': refused(faulty['file half-written, or disk full']),
      'file removed': refused(null),
    },
    close: async () => undefined,
  };
}

export async function staticSubject(): Promise<FaultSubject> {
  const { groups, authorizations } = ada;
  return {
    source: { type: 'static', users: { [adaId]: { groups, authorizations } } },
    cells: none('no backend: the users are in the configuration', ...faultNames),
    close: async () => undefined,
  };
}
