// Sources that the tests of the sql adapter open, closed after each test.
import { expect } from 'chai';
import type { SqlConnectionConfig, SqlSourceConfig } from '../../../../schemas/generated/loaded-server-config.ts';
import { type AdapterLog, SourceError, type UserSource } from '../../user-source.ts';
import { createSqlSource } from '../sql-source.ts';
import { silentLog, sqlConfig } from './sql-config.ts';

export const noAbort = new AbortController().signal;

export interface OpenedSources {
  open(connection: SqlConnectionConfig, options?: Partial<SqlSourceConfig>, log?: AdapterLog): Promise<UserSource>;
  closeAll(): Promise<void>;
}

export function createOpenedSources(): OpenedSources {
  const opened: UserSource[] = [];
  return {
    async open(connection, options = {}, log = silentLog) {
      const source = await createSqlSource(sqlConfig(connection, options), { log });
      opened.push(source);
      return source;
    },
    async closeAll() {
      for (const source of opened.splice(0)) await source.close();
    },
  };
}

/** Returns the SourceError of a lookup; fails if the lookup ends in any other way. */
export async function failureOf(work: Promise<unknown>): Promise<SourceError> {
  const outcome = await work.catch((error: unknown) => error);
  expect(outcome).to.be.instanceOf(SourceError);
  return outcome as SourceError;
}
