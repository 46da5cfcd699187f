// Tests of finding values in the upstream's JSON.
import { expect } from 'chai';
import { compileJsonPath, JsonPathFault } from './json-path.ts';

const find = (path: string, value: unknown) => compileJsonPath(path).find(value);

describe('a JSON path', () => {
  it('is a JSON Pointer when it is empty or begins with a slash: the examples of RFC 6901, section 5', () => {
    const value = {
      foo: ['bar', 'baz'],
      '': 0,
      'a/b': 1,
      'c%d': 2,
      'e^f': 3,
      'g|h': 4,
      'i\\j': 5,
      'k"l': 6,
      ' ': 7,
      'm~n': 8,
    };
    expect(find('', value)).to.equal(value);
    const examples: Record<string, unknown> = {
      '/foo': value.foo,
      '/foo/0': 'bar',
      '/': 0,
      '/a~1b': 1,
      '/c%d': 2,
      '/e^f': 3,
      '/g|h': 4,
      '/i\\j': 5,
      '/k"l': 6,
      '/ ': 7,
      '/m~0n': 8,
    };
    for (const [pointer, expected] of Object.entries(examples))
      expect(find(pointer, value), pointer).to.deep.equal(expected);
  });

  it('does not find properties that every object inherits', () => {
    for (const path of [
      '/a',
      '/constructor',
      '/toString',
      '/list/length',
      '/list/-',
      '/list/01',
      '/text/0',
      '/null',
      '/null/a',
    ]) {
      expect(find(path, { list: [1], text: 'abc', null: null }), path).to.equal(undefined);
    }
  });

  it('finds a key that is named like the prototype when the response contains it', () => {
    expect(find('/__proto__', JSON.parse('{"__proto__":["a"]}'))).to.deep.equal(['a']);
    expect(find('/__proto__', {})).to.equal(undefined);
  });

  it('is a JMESPath expression otherwise', () => {
    const value = {
      emails: [
        { value: 'a@x', primary: false },
        { value: 'b@x', primary: true },
      ],
      tags: ['x', 'y'],
    };
    expect(find('emails[?primary].value | [0]', value)).to.equal('b@x');
    expect(find("join(';', tags)", value)).to.equal('x;y');
    expect(find('missing', value)).to.equal(undefined);
    expect(find('emails[?value==`"nobody"`] | [0]', value)).to.equal(undefined);
  });

  it('is rejected at compile time when it is neither', () => {
    for (const path of ['/a~', '/a~2b', 'a[', 'nonsense(', `a${'.a'.repeat(2000)}`]) {
      expect(() => compileJsonPath(path), path.slice(0, 20)).to.throw(JsonPathFault);
    }
  });

  it('reports that an expression cannot be applied, without showing the data', () => {
    const path = compileJsonPath('sum(salaries)');
    expect(() => path.find({ salaries: ['a secret'] }))
      .to.throw(JsonPathFault)
      .with.property('message')
      .that.does.not.include('secret');
  });
});
