// LDAP server with faulty pages for the fault matrix: responds correctly until a fault is switched on.

import { type LdapRequest, type SearchRequest, writeEntry, writeResult } from '../../cli/serve/ldap-requests.ts';
import { createAnswerer, serveAnswers } from '../../cli/serve/ldap-stub-server.ts';
import { parseLdif } from '../../server/adapters/ldap/ldif/ldif-text.ts';
import { operations } from '../../server/adapters/ldap/wire/ldap-messages.ts';
import { certificateFiles } from '../certificate-files.ts';
import type { FaultCell, FaultName } from '../fault-matrix.ts';
import type { FaultProxy } from '../fault-proxy.ts';

type Script = (request: SearchRequest, page: string, groups: readonly Buffer[]) => readonly Buffer[];
type OddFault = Extract<
  FaultName,
  'half a page, then an error' | 'one complete page, then an error' | 'empty page with a cookie' | 'malformed response'
>;

/** Responses to a search for groups that a real server cannot be made to send. The first group is `analysts`. */
const scripts: Readonly<Record<OddFault, Script>> = {
  'half a page, then an error': (request, _page, [first]) => [first as Buffer, done(request, 80)],
  'one complete page, then an error': (request, page, [first]) =>
    page === '' ? [first as Buffer, done(request, 0, '1')] : [done(request, 80)],
  'empty page with a cookie': (request, page, [first, ...others]) => {
    if (page === '') return [first as Buffer, done(request, 0, '1')];
    return page === '1' ? [done(request, 0, '2')] : [...others, done(request, 0, '')];
  },
  'malformed response': (request, _page, [first, ...others]) => {
    const broken = Buffer.from(first as Buffer);
    // Changes the length of the last value, which then extends beyond the end of the message.
    broken[broken.length - 'analysts'.length - 1] = 0x7f;
    return [broken, ...others, done(request, 0, '')];
  },
};

function done({ id }: LdapRequest, code: number, cookie?: string): Buffer {
  return writeResult(id, operations.searchDone, code, cookie === undefined ? null : Buffer.from(cookie));
}

export interface OddServer {
  readonly cells: Readonly<Record<OddFault, FaultCell>>;
  close(): Promise<void>;
}

/**
 * Starts a server that replaces the real one, behind the proxy, while one of its cells is tested.
 *
 * @param ldif content of the real server; groups are the entries with a `member`.
 */
export async function startOddServer(ldif: string, proxy: FaultProxy): Promise<OddServer> {
  const { good } = await certificateFiles();
  const entries = parseLdif(Buffer.from(ldif));
  const groups = entries.filter(({ attributes }) => attributes.has('member'));
  const normal = createAnswerer(entries);
  let script: Script | null = null;
  const stub = await serveAnswers(async (request, socket) => {
    const isGroups = request.kind === 'search' && request.attributes.includes('cn') && request.page !== null;
    if (script === null || !isGroups) return normal(request, socket);
    const written = groups.map(({ dn, attributes }) => {
      const asked = ['objectsid', 'cn'].flatMap((name) => {
        const values = attributes.get(name);
        return values === undefined ? [] : [[name, values] as const];
      });
      return writeEntry(request.id, { dn, attributes: new Map(asked) });
    });
    return script(request, request.page?.cookie.toString() ?? '', written);
  }, 0);
  const odd = (name: OddFault, expected: FaultCell['expected']): FaultCell => ({
    expected,
    async inflict() {
      script = scripts[name];
      await proxy.set({ kind: 'tls-here', shown: good.server, port: Number(new URL(stub.url).port) });
    },
    heal: () => proxy.set({ kind: 'none' }),
  });
  return {
    cells: {
      'half a page, then an error': odd('half a page, then an error', '502'),
      'one complete page, then an error': odd('one complete page, then an error', '502'),
      'empty page with a cookie': odd('empty page with a cookie', '200, complete'),
      'malformed response': odd('malformed response', '502'),
    },
    close: () => stub.close(),
  };
}
