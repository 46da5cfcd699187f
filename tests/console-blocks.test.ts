// Tests the notation of commands in documentation: what counts as a command, and which output matches.
import { expect } from 'chai';
import { completeCommand, matchesOutput, parseCommands, readSteps } from './console-blocks.ts';
import { findFencedBlocks } from './markdown.ts';

describe('a block of commands', () => {
  it('is read as one command per line, without blank lines or comments', () => {
    const steps = parseCommands(['one --flag', '', '# why', 'two'], 10);
    expect(steps).to.deep.equal([
      { command: 'one --flag', background: false, expected: [], line: 10 },
      { command: 'two', background: false, expected: [], line: 13 },
    ]);
  });

  it('joins the lines of a command that end in a backslash', () => {
    const [step] = parseCommands(['curl --user a:b \\', '    --cacert ca.pem \\', '    https://localhost'], 1);
    expect(step?.command).to.equal('curl --user a:b --cacert ca.pem https://localhost');
  });

  it('reads a here-document as part of its command', () => {
    const steps = parseCommands(["cat >a.yaml <<'EOF'", 'a: 1', '', '# b', 'EOF', 'cat a.yaml'], 1);
    expect(steps.map(({ command, line }) => [command, line])).to.deep.equal([
      ["cat >a.yaml <<'EOF'\na: 1\n\n# b\nEOF", 1],
      ['cat a.yaml', 6],
    ]);
  });

  it('distinguishes a background command from a command that only contains an ampersand', () => {
    expect(parseCommands(['serve &'], 1)[0]).to.include({ command: 'serve', background: true });
    expect(parseCommands(['a && b'], 1)[0]).to.include({ command: 'a && b', background: false });
    expect(parseCommands(['curl "x?a=1&b=2&"'], 1)[0]).to.include({ background: false });
  });

  it('is rejected when a continuation or a here-document is not terminated', () => {
    expect(() => parseCommands(['a', 'b \\'], 7)).to.throw('line 8');
    expect(() => parseCommands(["cat <<'EOF'", 'b'], 7)).to.throw('line 7');
  });
});

describe('the commands of a page', () => {
  const read = (...lines: string[]) => readSteps(findFencedBlocks(lines.join('\n')));

  it('assign the output below their block to the last command', () => {
    const steps = read('```sh', 'one', 'two', '```', '', '```output', 'a', '', 'b', '```');
    expect(steps.map(({ command, expected }) => [command, expected])).to.deep.equal([
      ['one', []],
      ['two', ['a', '', 'b']],
    ]);
  });

  it('exclude a block that another test runs', () => {
    expect(read('```sh run by tests/x.test.ts', 'one', '```')).to.deep.equal([]);
  });

  it('are rejected when output has no command', () => {
    expect(() => read('```output', 'a', '```')).to.throw('line 1');
    expect(() => read('```sh', 'a', '```', '```yaml', 'b: 1', '```', '```output', 'c', '```')).to.throw('line 7');
  });
});

describe('a command with named placeholders', () => {
  const printed =
    'Request a user:\n  curl --cacert /a/ca.pem https://localhost:1\n  curl --cacert /b/ca.pem https://localhost:1\n  node /c/user-info.mjs conform --ca /b/ca.pem\n';

  it('stands for the line that was printed last', () => {
    expect(completeCommand('curl --cacert DIRECTORY/ca.pem https://localhost:1', printed)).to.equal(
      'curl --cacert /b/ca.pem https://localhost:1',
    );
    expect(completeCommand('npx user-info conform --ca CA_FILE', printed)).to.equal(
      'node /c/user-info.mjs conform --ca /b/ca.pem',
    );
  });

  it('is unchanged when no such line was printed', () => {
    for (const command of ['curl --cacert DIRECTORY/ca.pem https://localhost:2', 'npx user-info doctor', 'curl URL'])
      expect(completeCommand(command, printed)).to.equal(command);
  });
});

describe('the output of a command', () => {
  const matching: Record<string, [string[], string]> = {
    'nothing, where nothing is shown': [[], ''],
    'the same': [['a', 'b'], 'a\nb\n'],
    'the same without a last line break': [['a'], 'a'],
    'white space at the ends of lines': [['a  ', '', 'b'], 'a\n  \nb\t\n\n'],
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
    'a dot that stands for another letter': [['a.b'], 'axb\n'],
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
