// Tests of the sql adapter behind a proxy that changes lengths within a message: no value may become longer or shorter than the original.
import { expect } from 'chai';
import type { MysqlConfig, PostgresqlConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { type FaultProxy, startFaultProxy } from '../../../tests/fault-proxy.ts';
import type { Alter } from '../../../tests/garbled-bytes.ts';
import { createOpenedSources, failureOf, noAbort } from './testing/open-source.ts';
import { createMysqlDatabase, createPostgresDatabase, fillDatabase, type TestDatabase } from './testing/sql-servers.ts';

const ada = { userid: 'ada', groups: ['analysts', 'finance'], authorizations: { region: ['emea'] } };
const group = Buffer.from('analysts');

type Change = (bytes: Buffer, place: number) => Buffer;

/** Changes the first response that contains the group; `place` is the position of the group's first letter. */
function once(change: Change): () => Alter {
  let isDone = false;
  return () => (bytes) => {
    const place = bytes.indexOf(group);
    if (isDone || place === -1) return bytes;
    isDone = true;
    return change(Buffer.from(bytes), place);
  };
}

const added =
  (back: number, difference: number): Change =>
  (bytes, place) => {
    bytes[place - back] = (bytes[place - back] ?? 0) + difference;
    return bytes;
  };

const without =
  (from: number, to: number): Change =>
  (bytes, place) =>
    Buffer.concat([bytes.subarray(0, place + from), bytes.subarray(place + to)]);

/**
 * Returns the start and end of the row of the group. A message of PostgreSQL begins with its type, so a complete row of the group extends from there
 * to the end of its name.
 */
const rowOf = (bytes: Buffer, place: number) => {
  const start = bytes.lastIndexOf('D', place - 9);
  return { start, end: start + 1 + bytes.readUInt32BE(start + 1) };
};

const errorWithoutEnd: Change = (bytes, place) => {
  const { start } = rowOf(bytes, place);
  const error = Buffer.from('E\0\0\0\x0bSERROR\0', 'latin1');
  // The error is at the end of the data read: pg-protocol would search for the error's end forever.
  return Buffer.concat([bytes.subarray(0, start), error]);
};

const postgres: Readonly<Record<string, Change>> = {
  'a value one byte longer': added(1, 1),
  'a value one byte shorter': added(1, -1),
  'a value of negative length': (bytes, place) => {
    bytes.writeInt32BE(-2, place - 4);
    return bytes;
  },
  'a row that is missing': (bytes, place) => {
    const { start, end } = rowOf(bytes, place);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  'a row that came twice': (bytes, place) => {
    const { start, end } = rowOf(bytes, place);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  'an unterminated error': errorWithoutEnd,
  'a copy that was not requested': (bytes, place) => {
    bytes[rowOf(bytes, place).start] = 'd'.charCodeAt(0);
    return bytes;
  },
};

const mysql: Readonly<Record<string, Change>> = {
  'a value one byte longer': added(1, 1),
  'a value one byte shorter': added(1, -1),
  'a letter less': without(0, 1),
  'a value without a length': added(1, 0xff - group.length),
};

const systems: Readonly<
  Record<string, [create: () => Promise<TestDatabase<PostgresqlConfig | MysqlConfig>>, changes: typeof mysql]>
> = {
  PostgreSQL: [createPostgresDatabase, postgres],
  MariaDB: [() => createMysqlDatabase('MariaDB'), mysql],
  MySQL: [() => createMysqlDatabase('MySQL'), mysql],
};

for (const [name, [create, changes]] of Object.entries(systems)) {
  describe(`malformed messages of ${name}`, () => {
    const sources = createOpenedSources();
    let database: TestDatabase<PostgresqlConfig | MysqlConfig>;
    let proxy: FaultProxy;
    before(async () => {
      database = await create();
      await fillDatabase(database, [ada]);
      proxy = await startFaultProxy(database.connection.port);
    });
    afterEach(() => sources.closeAll());
    after(() => proxy.close());

    for (const [title, change] of Object.entries(changes)) {
      it(`${title}: 502, and the next lookup is correct`, async () => {
        await proxy.set({ kind: 'altered', createAlter: once(change) });
        const source = await sources.open({ ...database.connection, port: proxy.port, poolSize: 1 });
        expect(await failureOf(source.findUser('ada', noAbort))).to.include({ kind: 'bad-answer' });
        const found = await source.findUser('ada', noAbort);
        expect(found?.groups.map(({ name }) => name)).to.deep.equal(ada.groups);
      });
    }
  });
}
