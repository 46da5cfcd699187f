// Tests the notation of console blocks: what is a command, and what output matches.
import { expect } from 'chai';
import { completeCommand, matchesOutput, parseConsoleBlock } from './console-blocks.ts';

describe('a console block', () => {
  it('is read as commands, each with the output below it and its line in the file', () => {
    const steps = parseConsoleBlock(['$ one --flag', 'a', '', 'b', '', '$ two'], 10);
    expect(steps).to.deep.equal([
      { command: 'one --flag', background: false, expected: ['a', '', 'b'], line: 10 },
      { command: 'two', background: false, expected: [], line: 15 },
    ]);
  });

  it('joins the lines of a command that end in a backslash', () => {
    const [step] = parseConsoleBlock(
      ['$ curl --user a:b \\', '    --cacert ca.pem \\', '    https://localhost', '{}'],
      1,
    );
    expect(step?.command).to.equal('curl --user a:b --cacert ca.pem https://localhost');
    expect(step?.expected).to.deep.equal(['{}']);
  });

  it('knows a command that stays in the background, and one that only has an ampersand', () => {
    expect(parseConsoleBlock(['$ serve &'], 1)[0]).to.include({ command: 'serve', background: true });
    expect(parseConsoleBlock(['$ a && b'], 1)[0]).to.include({ command: 'a && b', background: false });
    expect(parseConsoleBlock(['$ curl "x?a=1&b=2&"'], 1)[0]).to.include({ background: false });
  });

  it('is refused when output comes first or a continuation leads nowhere', () => {
    expect(() => parseConsoleBlock(['output'], 7)).to.throw('line 7');
    expect(() => parseConsoleBlock(['$ a', '$ b \\'], 7)).to.throw('line 8');
  });
});

describe('a shortened command', () => {
  const printed =
    'Ask it:\n  curl --cacert /a/ca.pem https://localhost:1\n  curl --cacert /b/ca.pem https://localhost:2\n';

  it('is the whole line that was printed last', () => {
    expect(completeCommand('curl --cacert …/ca.pem …', printed)).to.equal(
      'curl --cacert /b/ca.pem https://localhost:2',
    );
  });

  it('is left alone when it is not shortened', () => {
    expect(completeCommand('curl https://localhost', printed)).to.equal('curl https://localhost');
  });

  it('is refused when no such line was printed', () => {
    expect(() => completeCommand('user-info conform …', printed)).to.throw('user-info conform …');
  });
});

describe('the output of a command', () => {
  const matching: Record<string, [string[], string]> = {
    'nothing, where nothing is shown': [[], ''],
    'the same': [['a', 'b'], 'a\nb\n'],
    'the same without a last line break': [['a'], 'a'],
    'white space at the ends of lines aside': [['a  ', '', 'b'], 'a\n  \nb\t\n\n'],
    'letters that mean something in a pattern': [['a.b (c) [d] $ ^ * + ? { | \\'], 'a.b (c) [d] $ ^ * + ? { | \\\n'],
    'an ellipsis within a line': [['id …, done'], 'id 17, done\n'],
    'an ellipsis for nothing': [['id=…;'], 'id=;\n'],
    'an ellipsis line for several': [['a', '…', 'd'], 'a\nb\nc\nd\n'],
    'an ellipsis line for none': [['a', '…', 'd'], 'a\nd\n'],
    'an ellipsis line for everything': [['…'], 'a\nb\n'],
    'an ellipsis line for no output at all': [['…'], ''],
  };
  const differing: Record<string, [string[], string]> = {
    'output, where none is shown': [[], 'a\n'],
    'no output, where some is shown': [['a'], ''],
    'another line': [['a'], 'b\n'],
    'a line more': [['a'], 'a\nb\n'],
    'a line less': [['a', 'b'], 'a\n'],
    'a line more in front': [['b'], 'a\nb\n'],
    'a dot that is another letter': [['a.b'], 'axb\n'],
    'an ellipsis within a line, over two lines': [['a … c'], 'a \nb c\n'],
    indentation: [['  a'], 'a\n'],
  };
  for (const [name, [expected, actual]] of Object.entries(matching)) {
    it(`matches: ${name}`, () => expect(matchesOutput(expected, actual)).to.equal(true));
  }
  for (const [name, [expected, actual]] of Object.entries(differing)) {
    it(`does not match: ${name}`, () => expect(matchesOutput(expected, actual)).to.equal(false));
  }
});
