// Owns the columns csv and static of the fault matrix: a file that is served from memory, and no backend at all.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../ask-server.ts';
import { scratchFolder } from '../certificate-files.ts';
import { ada, adaId, type FaultCell, type FaultSubject, faultNames, none, settle } from '../fault-matrix.ts';
import { findFreePort } from '../services/service-process.ts';

const head = 'email,groups,region';
const adaRow = `${adaId},${ada.groups.join('|')},${ada.authorizations.region.join('|')}`;
const whole = `${head}\n${adaRow}\ngrace@example.test,"engineering|say ""hi""",emea\n`;

export async function csvSubject(): Promise<FaultSubject> {
  const path = join(scratchFolder(), 'users.csv');
  writeFileSync(path, whole);
  const administration = { host: '127.0.0.1', port: await findFreePort() };
  const readiness = async () => {
    const { body } = await ask(`http://127.0.0.1:${administration.port}/readyz`);
    return (JSON.parse(body) as { status: string }).status;
  };
  const showing = async (text: string, status: string) => {
    writeFileSync(path, text);
    if (!(await settle(async () => (await readiness()) === status))) throw new Error(`readiness is not ${status}`);
  };
  const refused = (text: string): FaultCell => ({
    expected: '200, last good data',
    inflict: () => showing(text, 'degraded'),
    heal: () => showing(whole, 'ready'),
  });
  return {
    source: {
      type: 'csv',
      path,
      columns: {
        userid: 'email',
        groups: [{ column: 'groups', separator: '|' }],
        authorizations: [{ column: 'region', separator: '|' }],
      },
    },
    sections: { administration },
    cells: {
      ...none('no network', ...faultNames),
      'malformed answer': refused(whole.replace('"engineering', 'engineer"ing')),
      'duplicate entry': refused(`${whole}${adaId},analysts,emea\n`),
      'file half-written, or disk full': refused(whole.slice(0, whole.indexOf('hi') + 1)),
    },
    close: async () => undefined,
  };
}

export async function staticSubject(): Promise<FaultSubject> {
  const { groups, authorizations } = ada;
  return {
    source: { type: 'static', users: { [adaId]: { groups, authorizations } } },
    cells: none('nothing behind it: the users stand in the configuration', ...faultNames),
    close: async () => undefined,
  };
}
