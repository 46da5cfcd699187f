// Tests of the option rules of the CSV source: each one rejects what it should and reports the right option.
import { expect } from 'chai';
import { findFaults } from '../../config/testing/find-faults.ts';

const groups = [{ column: 'g' }];

function faultyOptions(source: object, columns: object): string[] {
  const csv = { type: 'csv', path: 'users.csv', ...source, columns: { userid: 'u', ...columns } };
  return findFaults({ authentication: { mode: 'none' }, source: csv })
    .map(({ path }) => path.replace('source.', ''))
    .sort();
}

const cases: Record<string, [source: object, columns: object, options: string[]]> = {
  'layout wide with groups': [{}, { groups }, []],
  'layout wide with authorizations': [{}, { authorizations: [{ column: 'a' }] }, []],
  'layout long with groups': [{ layout: 'long' }, { group: 'g' }, []],
  'layout long with attributes': [{ layout: 'long' }, { attribute: 'a', value: 'v' }, []],
  'a known encoding': [{ encoding: 'latin1' }, { groups }, []],
  'layout wide without groups and authorizations': [{}, {}, ['columns']],
  'layout wide with columns of layout long': [
    {},
    { groups, group: 'g', attribute: 'a', value: 'v', rename: { a: 'b' } },
    ['columns.attribute', 'columns.group', 'columns.rename', 'columns.value'],
  ],
  'layout long without groups and attributes': [{ layout: 'long' }, {}, ['columns']],
  'layout long with columns of layout wide': [
    { layout: 'long' },
    { group: 'g', groups, authorizations: groups },
    ['columns.authorizations', 'columns.groups'],
  ],
  'layout long with an attribute and no value': [{ layout: 'long' }, { attribute: 'a' }, ['columns.attribute']],
  'layout long with a value and no attribute': [{ layout: 'long' }, { value: 'v' }, ['columns.value']],
  'a quote that is the delimiter': [{ delimiter: ';', quote: ';' }, { groups }, ['quote']],
  'an unknown encoding': [{ encoding: 'utf-9' }, { groups }, ['encoding']],
};

describe('the option rules of csv', () => {
  for (const [title, [source, columns, options]] of Object.entries(cases)) {
    it(`${options.length === 0 ? 'accept' : 'reject'} ${title}`, () => {
      expect(faultyOptions(source, columns)).to.deep.equal(options);
    });
  }
});
