// Tests what the contract's validators accept and reject, and that their errors contain no user data.
import { expect } from 'chai';
import { loadValidator } from './compile-schema.ts';
import type { Problem } from './generated/problem.ts';
import { describeSchemaErrors, validateUserInfo, validateUserInfoLenient } from './validators.ts';

const validateProblem = loadValidator<Problem>('problem');

const ada = { groups: [{ name: 'analysts' }], authorizations: { department: ['finance'], region: ['emea', 'apac'] } };

const goodInBoth: Record<string, unknown> = {
  'a user with groups and authorizations': ada,
  'a user with neither': { groups: [], authorizations: {} },
  'an attribute without values': { groups: [], authorizations: { department: [] } },
  'the same group twice': { groups: [{ name: 'a' }, { name: 'a' }], authorizations: {} },
  'letters of any script': { groups: [{ name: 'Größe 部門 🚀' }], authorizations: { ключ: ['значение'] } },
  'white space, which is a name like any other': { groups: [{ name: ' ' }], authorizations: { ' ': [' '] } },
  'attribute names that are special in JavaScript': JSON.parse(
    '{"groups":[],"authorizations":{"__proto__":["a"],"constructor":["b"],"toString":["c"]}}',
  ),
};

const goodInLenientOnly: Record<string, unknown> = {
  'an extra key at the top level': { ...ada, profile: { name: 'Ada' } },
  'an extra key in a group': { groups: [{ name: 'analysts', description: 'All of them' }], authorizations: {} },
};

const badInBoth: Record<string, unknown> = {
  'no groups': { authorizations: {} },
  'no authorizations': { groups: [] },
  'an empty object': {},
  'groups that are null': { groups: null, authorizations: {} },
  'authorizations that are null': { groups: [], authorizations: null },
  'authorizations that are a list': { groups: [], authorizations: [] },
  'groups as plain names': { groups: ['analysts'], authorizations: {} },
  'groups as an object': { groups: { name: 'analysts' }, authorizations: {} },
  'a group without a name': { groups: [{}], authorizations: {} },
  'a group with an empty name': { groups: [{ name: '' }], authorizations: {} },
  'a group whose name is a number': { groups: [{ name: 7 }], authorizations: {} },
  'a group that is null': { groups: [null], authorizations: {} },
  'a value outside a list': { groups: [], authorizations: { department: 'finance' } },
  'a value that is empty': { groups: [], authorizations: { department: [''] } },
  'a value that is a number': { groups: [], authorizations: { level: [7] } },
  'a value that is null': { groups: [], authorizations: { department: [null] } },
  'values in a second list': { groups: [], authorizations: { department: [['finance']] } },
  'an attribute with an empty name': { groups: [], authorizations: { '': ['finance'] } },
  'another letter case': { Groups: [], Authorizations: {} },
  'a list': [ada],
  'a text': '{"groups":[],"authorizations":{}}',
  nothing: null,
};

function describeProfile(name: string, validate: (body: unknown) => boolean, good: object[], bad: object[]): void {
  describe(`the ${name} profile of the response for a user`, () => {
    for (const [title, body] of good.flatMap(Object.entries)) {
      it(`accepts ${title}`, () => expect(validate(body)).to.equal(true));
    }
    for (const [title, body] of bad.flatMap(Object.entries)) {
      it(`rejects ${title}`, () => expect(validate(body)).to.equal(false));
    }
  });
}

describeProfile('strict', validateUserInfo, [goodInBoth], [badInBoth, goodInLenientOnly]);
describeProfile('lenient', validateUserInfoLenient, [goodInBoth, goodInLenientOnly], [badInBoth]);

describe('a problem document', () => {
  const problem: Problem = {
    type: 'urn:user-info-kit:problem:user-unknown',
    title: 'No such user, or the user is disabled.',
    status: 404,
    code: 'user-unknown',
    requestId: '0b6f2c1e4f0a4d3e9a516d1f7f1f2a10',
  };
  const bad: Record<string, object> = {
    'groups, which lenient consumers would parse': { ...problem, groups: [] },
    'authorizations, which lenient consumers would parse': { ...problem, authorizations: {} },
    'a detail, which could show the inside': { ...problem, detail: 'no row in table users' },
    'a status that is not an error': { ...problem, status: 200 },
    'a status as text': { ...problem, status: '404' },
    'a code that is not a slug': { ...problem, code: 'User Unknown' },
    'a type of another origin': { ...problem, type: 'about:blank' },
    'an empty title': { ...problem, title: '' },
    'a request id that could break a log line': { ...problem, requestId: 'a\nb' },
    'no request id': { ...problem, requestId: undefined },
  };

  it('is accepted with exactly its five members', () => expect(validateProblem(problem)).to.equal(true));
  for (const [title, body] of Object.entries(bad)) {
    it(`is rejected with ${title}`, () => expect(validateProblem(JSON.parse(JSON.stringify(body)))).to.equal(false));
  }
});

describe('describeSchemaErrors', () => {
  it('names the position and the rule, and no value', () => {
    validateUserInfo({ groups: ['secret-group'], authorizations: {} });
    expect(describeSchemaErrors(validateUserInfo.errors)).to.equal('/groups/0 must be object');
  });

  it('omits the names of attributes, which are user data too', () => {
    validateUserInfo({ groups: [], authorizations: { 'secret/clearance': 'x' } });
    expect(describeSchemaErrors(validateUserInfo.errors)).to.equal('/authorizations/* must be array');
  });

  it('describes the top level in words', () => {
    validateUserInfo({});
    expect(describeSchemaErrors(validateUserInfo.errors)).to.match(/^\(top level\) must have required property/);
  });

  it('reports that there are no errors', () => {
    for (const none of [null, undefined, []]) expect(describeSchemaErrors(none)).to.equal('no complaint');
  });
});
