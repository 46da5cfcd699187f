// Owns the column ldap of the fault matrix: a real slapd behind the fault proxy, and a server of odd pages.
import { operations } from '../../server/adapters/ldap/ldap-messages.ts';
import {
  type LdapRequest,
  type SearchRequest,
  writeEntry,
  writeResult,
} from '../../server/adapters/ldap/ldap-requests.ts';
import { createAnswerer, serveAnswers } from '../../server/adapters/ldap/ldap-stub-server.ts';
import { parseLdif } from '../../server/adapters/ldap/ldif-text.ts';
import { certificateFiles } from '../certificate-files.ts';
import { type FaultCell, type FaultSubject, networkCells, none } from '../fault-matrix.ts';
import { startFaultProxy } from '../fault-proxy.ts';
import { startSlapd } from '../services/slapd.ts';
import { secretReference } from '../test-server.ts';

const base = 'dc=example,dc=test';
const people = `ou=people,${base}`;
const readerDn = `cn=reader,${base}`;
const password = 'the reader of a test';

const person = (uid: string, mail: string) =>
  [
    `dn: uid=${uid},${people}`,
    ...['objectClass: inetOrgPerson', `uid: ${uid}`, 'cn: a user', 'sn: user', `mail: ${mail}@example.test`],
    'departmentNumber: emea',
    'departmentNumber: apac\n',
  ].join('\n');
const group = (rdn: string, cn: string) =>
  `dn: ${rdn},${base}\nobjectClass: groupOfNames\n${cn}\nmember: uid=ada,${people}\n`;
const ldif = [
  `dn: ${people}\nobjectClass: organizationalUnit\nou: people\n`,
  `dn: ${readerDn}\nobjectClass: person\ncn: reader\nsn: reader\nuserPassword: ${password}\n`,
  person('ada', 'ada'),
  person('grace', 'grace'),
  group('cn=analysts', 'cn: analysts'),
  group('cn=Z\\C3\\BCrich', 'cn:: WsO8cmljaA=='),
].join('\n');

const mapping = {
  preset: 'openldap',
  user: { base },
  groups: { base },
  authorizations: [{ name: 'region', attribute: 'departmentNumber' }],
};

type Script = (request: LdapRequest) => readonly Buffer[] | null;

/** Answers of a server that the real one does not give when it is asked to. */
const oddPages = {
  'half a page, then an error': pages((request, page, all) =>
    page === '' ? [all[0] as Buffer, done(request, 0, '1')] : [done(request, 80)],
  ),
  'empty page with a cookie': pages((request, page, all) => {
    if (page === '') return [all[0] as Buffer, done(request, 0, '1')];
    return page === '1' ? [done(request, 0, '2')] : [...all.slice(1), done(request, 0, '')];
  }),
  'malformed answer': pages((request, _page, [first, ...others]) => {
    const broken = Buffer.from(first as Buffer);
    // The length of the last value, which then reaches behind the end of the message.
    broken[broken.length - 'analysts'.length - 1] = 0x7f;
    return [broken, ...others, done(request, 0, '')];
  }),
};

function pages(
  answer: (request: SearchRequest, page: string, entries: readonly Buffer[]) => readonly Buffer[],
): Script {
  const groups = parseLdif(Buffer.from(ldif)).filter(({ attributes }) => attributes.has('member'));
  return (request) => {
    if (request.kind !== 'search' || !request.attributes.includes('cn') || request.page === null) return null;
    const entries = groups.map(({ dn, attributes }) => {
      const cn = attributes.get('cn') ?? [];
      return writeEntry(request.id, { dn, attributes: new Map([['cn', cn]]) });
    });
    return answer(request, request.page.cookie.toString(), entries);
  };
}

function done({ id }: LdapRequest, code: number, cookie?: string): Buffer {
  return writeResult(id, operations.searchDone, code, cookie === undefined ? null : Buffer.from(cookie));
}

export async function ldapSubject(): Promise<FaultSubject> {
  const { good, bad, listenerTls } = await certificateFiles();
  const { certificate, key, clientCa } = listenerTls;
  const slapd = await startSlapd({ ldif, tls: { certificate, key, ca: clientCa[0] as string } });
  const proxy = await startFaultProxy(Number(new URL(slapd.ldapsUrl).port));
  let script: Script = () => null;
  const normal = createAnswerer(parseLdif(Buffer.from(ldif)));
  const stub = await serveAnswers(async (request, socket) => script(request) ?? normal(request, socket), 0);
  const odd = (name: keyof typeof oddPages, expected: FaultCell['expected']): FaultCell => ({
    expected,
    async inflict() {
      script = oddPages[name];
      await proxy.set({ kind: 'tls-here', shown: good.server, port: Number(new URL(stub.url).port) });
    },
    heal: () => proxy.set({ kind: 'none' }),
  });
  const setPassword = (text: string) =>
    slapd.modify(`dn: ${readerDn}\nchangetype: modify\nreplace: userPassword\nuserPassword: ${text}\n`);
  const { 'wrong-host-name-server': wrongName, 'expired-server': expired } = bad.certificates;
  return {
    source: {
      type: 'ldap',
      urls: [`ldaps://127.0.0.1:${proxy.port}`],
      bind: { dn: readerDn, password: secretReference('LDAP_PASSWORD') },
      tls: { ca: clientCa },
      connectTimeoutMs: 400,
      operationTimeoutMs: 400,
      ...mapping,
    },
    environment: { LDAP_PASSWORD: password },
    proxy,
    maxConnections: 2,
    cells: {
      ...networkCells(
        proxy,
        { wrongName, expired },
        {
          'black hole: accepts, never answers': '504, then 503',
          'slow drip: a byte at a time': '504, then 503',
        },
      ),
      'bad bind or password': {
        expected: '503',
        isOutage: true,
        async inflict() {
          setPassword('another one');
          proxy.dropIdle();
        },
        heal: async () => setPassword(password),
        recoversLater:
          'a refused account is left alone for a minute, or it would be locked; server/adapters/ldap/server-faults.test.ts holds the clock',
      },
      'half a page, then an error': odd('half a page, then an error', '502'),
      'empty page with a cookie': odd('empty page with a cookie', '200, complete'),
      'malformed answer': odd('malformed answer', '502'),
      'duplicate entry': {
        expected: '502',
        inflict: async () => slapd.add(person('second', 'ada')),
        heal: async () => slapd.modify(`dn: uid=second,${people}\nchangetype: delete\n`),
      },
      'server restart': { expected: '503', isOutage: true, inflict: () => slapd.stop(), heal: () => slapd.start() },
      ...none("the directory's own disk", 'file half-written, or disk full'),
    },
    async close() {
      await proxy.close();
      await stub.close();
      await slapd.stop();
    },
  };
}

/** The same people as a file. */
export const directoryFile = {
  text: `dn: ${base}\nobjectClass: domain\ndc: example\n\n${ldif}`,
  mapping,
  adaEntry: person('ada', 'ada'),
};
