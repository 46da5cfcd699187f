// Tests which changes are ignored, on nodes as Babel creates them.
import { expect } from 'chai';
import { findIgnoreReason, type NodePath } from './ignore-words.ts';

const at = (node: NodePath['node'], place: Partial<NodePath> = {}): NodePath => ({ node, key: 'value', ...place });
const text = (value: string) => ({ type: 'StringLiteral', value });
const member = (name: string) => ({ type: 'ObjectProperty', key: { type: 'Identifier', name } });
const call = (name: string) => ({ type: 'CallExpression', callee: { type: 'Identifier', name } });
const argument = (name: string, key: number) => at(text('x'), { listKey: 'arguments', key, parent: call(name) });
const element = (name: string) =>
  at(text('control'), {
    listKey: 'elements',
    key: 0,
    parentPath: at({ type: 'ArrayExpression' }, { parent: member(name) }),
  });

describe('findIgnoreReason', () => {
  const words: Readonly<Record<string, NodePath>> = {
    'the title of a check': at(member('title')),
    'an object with texts only': at({ type: 'ObjectExpression', properties: [member('seen')] }),
    'a constant of words': at({ type: 'VariableDeclarator', id: { type: 'Identifier', name: 'statusChange' } }),
    'a sentence': at(text('the known user is gone')),
    'a sentence with a value in it': at({
      type: 'TemplateLiteral',
      quasis: [{ value: { raw: 'asked for ' } }, { value: { raw: ' of the known ones' } }],
    }),
    'a part of a curl line': at(text('--user "$USERNAME:"')),
    'the message of an error': argument('Untestable', 0),
    'the finding of a check': argument('assertConforms', 1),
  };
  for (const [name, path] of Object.entries(words)) {
    it(`excludes ${name}`, () => expect(findIgnoreReason(path)).to.equal('Words for people.'));
  }

  it('excludes a string in a list of needs, because the compiler rejects any other string', () => {
    expect(findIgnoreReason(element('needs'))).to.equal('The compiler refuses it.');
  });

  const tried: Readonly<Record<string, NodePath>> = {
    'a text in a request': at(text("' OR '1'='1")),
    'the condition of a check': argument('assertConforms', 0),
    'an argument of another function': argument('ask', 1),
    'an object with more than words': at({ type: 'ObjectExpression', properties: [member('seen'), member('userids')] }),
    'an empty object': at({ type: 'ObjectExpression', properties: [] }),
    'a text in another list': element('userids'),
    'another constant': at({ type: 'VariableDeclarator', id: { type: 'Identifier', name: 'minLetters' } }),
  };
  for (const [name, path] of Object.entries(tried)) {
    it(`includes ${name}`, () => expect(findIgnoreReason(path)).to.equal(undefined));
  }
});
