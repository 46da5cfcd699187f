// Tests of the search for undocumented APIs.
import { expect } from 'chai';
import ts from 'typescript';
import { findUndocumented } from './undocumented-apis.ts';

function find(text: string): string[] {
  const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
  return findUndocumented(source, (name) => name === 'with-exports');
}

describe('the search for undocumented APIs', () => {
  const undocumented: ReadonlyArray<[text: string, reason: string]> = [
    ['response._header = 1;', 'a.ts:1: _header is not documented'],
    ['\nsocket?._parent;', 'a.ts:2: _parent is not documented'],
    ["socket['_handle'];", 'a.ts:1: _handle is not documented'],
    ['const { _handle } = socket;', 'a.ts:1: _handle is not documented'],
    ['const { _handle: handle } = socket;', 'a.ts:1: _handle is not documented'],
    ["import counter from 'plain/lib/counter';", 'a.ts:1: plain/lib/counter is a path inside the package plain'],
    ["require('@scope/plain/lib');", 'a.ts:1: @scope/plain/lib is a path inside the package @scope/plain'],
    ["await import('plain/lib/counter');", 'a.ts:1: plain/lib/counter is a path inside the package plain'],
    ["v8.setFlagsFromString('--x');", 'a.ts:1: setFlagsFromString changes V8 at run time'],
  ];
  for (const [text, reason] of undocumented) {
    it(`finds ${text.trim()}`, () => expect(find(text)).to.deep.equal([reason]));
  }

  const documented = [
    'class A { #own = 1; read() { return this.#own; } }',
    'const [_first, second] = list;',
    '__dirname;',
    "import { Counter } from 'plain';",
    "import x from 'with-exports/lib/x';",
    "import x from './lib/x.ts';",
    "import { setTimeout } from 'node:timers/promises';",
    "import data from 'plain/package.json';",
    "const text = 'plain/lib/counter';",
  ];
  for (const text of documented) it(`accepts ${text}`, () => expect(find(text)).to.deep.equal([]));
});
