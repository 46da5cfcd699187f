// Tests of the explanation of a user: the line and column of each group and value.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../../tests/certificate-files.ts';
import type { UserOrigins } from '../user-source.ts';
import { explainCsvUser } from './explain-csv-user.ts';
import { csvConfig } from './testing/csv-config.ts';

type Options = Parameters<typeof csvConfig>;

function explain(text: string, columns: Options[1], options?: Options[2]): Promise<UserOrigins | null> {
  const path = join(scratchDirectory(), 'users.csv');
  writeFileSync(path, text);
  return explainCsvUser(csvConfig(path, columns, options), 'utf-8', 'ada');
}

describe('the explanation of a CSV user', () => {
  const columns = { groups: [{ column: 'groups', separator: '|' }], authorizations: [{ column: 'dept' }] };

  it('contains the line and column of each group and value', async () => {
    expect(await explain('userid,groups,dept\nbob,a,b\n\nada,"x|y",finance\n', columns)).to.deep.equal({
      groups: [
        { name: 'x', origin: 'users.csv:4, column groups' },
        { name: 'y', origin: 'users.csv:4, column groups' },
      ],
      authorizations: [{ name: 'dept', value: 'finance', origin: 'users.csv:4, column dept' }],
    });
  });

  it('reports why the user is not found', async () => {
    const given = { ...columns, disabled: 'off' };
    expect(await explain('userid,groups,dept,off\nbob,a,b,\n\ncid,a,b,\n', given)).to.deep.equal({
      absent: 'no row has this userid',
      groups: [],
      authorizations: [],
      asked: [{ query: 'users.csv', outcome: '2 rows, 0 of this user' }],
    });
    expect(await explain('userid,groups,dept,off\nbob,a,b,\n\nada,a,b,yes\n', given)).to.deep.equal({
      absent: 'line 4 marks the user as disabled',
      groups: [],
      authorizations: [],
      asked: [{ query: 'users.csv', outcome: '2 rows, 1 of this user' }],
    });
  });

  it('contains the name that a renamed attribute has in the file', async () => {
    const long = { attribute: 'name', value: 'value', rename: { dept: 'department' } };
    const explained = await explain('userid,name,value\nada,dept,finance\n', long, { layout: 'long' });
    expect(explained?.authorizations).to.deep.equal([
      { name: 'department', value: 'finance', origin: 'users.csv:2, column value; was "dept"' },
    ]);
  });
});
