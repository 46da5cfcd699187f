// Tests the escaping of everything that is printed: terminals, CI services and JSON.
import { expect } from 'chai';
import { escapeOrdersInJson, makeAllVisible, makeVisible, makeVisibleLine } from './printable-text.ts';

describe('text that is printed', () => {
  const cases: Readonly<Record<string, [text: string, printed: string]>> = {
    'an escape sequence': ['\u001b[31m', '\\u{1b}[31m'],
    'a C1 control character': ['\u009b2J', '\\u{9b}2J'],
    'a bidirectional override': ['a\u202eb', 'a\\u{202e}b'],
    'a command of Azure Pipelines': ['x ##vso[task.setvariable]', 'x #\\u{23}vso[task.setvariable]'],
    'a command of TeamCity': ['##teamcity[x]', '#\\u{23}teamcity[x]'],
    'a command of GitHub': [' ::error::x', ' \\u{3a}:error::x'],
    'a command of GitHub in another line': ['a\n::add-mask::x', 'a\n\\u{3a}:add-mask::x'],
    'ordinary text': ['Ada ## a::b é 漢', 'Ada ## a::b é 漢'],
  };
  for (const [name, [text, printed]] of Object.entries(cases)) {
    it(`shows ${name}`, () => {
      expect(makeVisible(text)).to.equal(printed);
      expect(makeAllVisible({ a: [text] })).to.deep.equal({ a: [printed] });
    });
  }

  it('shows a line break within a name', () => {
    expect(makeVisibleLine('a\n::error::b\r\u2028')).to.equal('a\\n::error::b\\u{d}\\u{2028}');
  });

  it('takes time of the length of a text, whatever characters it repeats', () => {
    for (const repeated of ['\n', '\r\n', ' ', '\t', ':', '\n:', '\n ::', '##', '##vso']) {
      const text = `${repeated.repeat(100_000 / repeated.length)}x`;
      const before = process.cpuUsage();
      makeVisible(text);
      makeVisibleLine(text);
      escapeOrdersInJson(text);
      // Quadratic time was 30 s.
      expect(process.cpuUsage(before).user, JSON.stringify(repeated)).to.be.below(3_000_000);
    }
  });

  it('keeps the value of JSON', () => {
    const value = { 'a\u001b': ['##vso[x]\n::error::', '\u009b\u202e\ud800', 'é'] };
    const printed = escapeOrdersInJson(JSON.stringify(value, null, 2));
    for (const part of ['##vso', '\u001b', '\u009b', '\u202e']) expect(printed).not.to.include(part);
    expect(JSON.parse(printed)).to.deep.equal(value);
  });
});
