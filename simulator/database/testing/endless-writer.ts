// Process for open-database.test.ts: writes transactions of 500 rows until it is killed, and reports each transaction.
import { openDatabase } from '../open-database.ts';

const database = openDatabase(process.argv[2] ?? '');
// With a cache of only a few pages, most of a transaction is written to the file before the transaction ends.
database.run('PRAGMA cache_size = 10');
const { n: start = 0 } = database.find<{ n: number }>('SELECT count(*) AS n FROM custom_permissions') ?? {};
for (let row = start; ; ) {
  database.transaction(() => {
    for (const end = row + 500; row < end; row++) {
      database.run('INSERT INTO custom_permissions VALUES (?)', [`${row} ${'x'.repeat(500)}`]);
    }
  });
  // Writing to a pipe is synchronous, so the reader knows that the transaction has ended.
  process.stdout.write('.');
}
