// Tests of escaping in all printed text: terminals, CI services and JSON.
import { expect } from 'chai';
import { escapeOrdersInJson, makeAllVisible, makeVisible, makeVisibleLine, makeVisibleName } from './printable-text.ts';

describe('printed text', () => {
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

  const names: Readonly<Record<string, [name: string, printed: string]>> = {
    'a composed character': ['Zo\u00eb', 'Zo\u00eb'],
    'the same, not composed': ['Zoe\u0308', 'Zoe\\u{308}'],
    'the sign of a unit beside a letter': ['\u212b', '\\u{212b}'],
    'a Korean name': ['\ud55c', '\ud55c'],
    'the same as jamo': ['\u1112\u1161\u11ab', '\\u{1112}\\u{1161}\\u{11ab}'],
    'marks that cannot be composed': ['\u0915\u093f', '\u0915\u093f'],
    'a zero-width space': ['sta\u200bff', 'sta\\u{200b}ff'],
    'a variation selector and a filler': ['a\ufe0f\u3164', 'a\\u{fe0f}\\u{3164}'],
    'a no-break space': ['data\u00a0team', 'data\\u{a0}team'],
    'a trailing and a leading space': [' staff ', '\\u{20}staff\\u{20}'],
    'spaces in a row': ['data   team', 'data \\u{20}\\u{20}team'],
    'a single space': ['data team', 'data team'],
    'a line break': ['a\nb', 'a\\nb'],
  };
  for (const [title, [name, printed]] of Object.entries(names)) {
    it(`distinguishes names that look alike: ${title}`, () => {
      expect(makeVisibleName(name)).to.equal(printed);
      expect(makeVisibleName(printed), 'a second time').to.equal(printed);
    });
  }

  it('is processed in linear time, whatever characters it repeats', () => {
    for (const repeated of ['\n', '\r\n', ' ', '\t', ':', '\n:', '\n ::', '##', '##vso']) {
      const text = `${repeated.repeat(100_000 / repeated.length)}x`;
      const before = process.cpuUsage();
      makeVisible(text);
      makeVisibleLine(text);
      makeVisibleName(text);
      escapeOrdersInJson(text);
      // Quadratic time took 30 s.
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
