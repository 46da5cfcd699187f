// The experiments whose outcome is one of several, as data: responses step by step, and what each outcome looks like.
import type { Assumption } from './platform-profile.ts';
import type { ScriptedResponse } from './scripted-response.ts';
import { provided } from './test-users.ts';

/** What is seen after a step. Everything that is given must hold. Names are compared without letter case, unless said otherwise. */
export interface Sight {
  readonly step: number;
  /** In the platform. */
  readonly user?: 'enabled' | 'disabled' | 'missing' | 'exists';
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** With letter case. */
  readonly hasExactly?: string;
  readonly hasAttributeExactly?: string;
  readonly hasValues?: readonly string[];
  readonly lacksValues?: readonly string[];
  /** At the endpoint. */
  readonly isRedirectFollowed?: boolean;
  readonly spaceAs?: '%20' | '+';
  readonly isRequested?: boolean;
}

export interface Outcome {
  /** Null: the experiment says nothing about the assumption on this platform. */
  readonly value: string | boolean | null;
  readonly when: readonly Sight[];
}

export interface ExperimentStep {
  readonly respond: ScriptedResponse;
  readonly hop?: ScriptedResponse;
  readonly presentsUntrusted?: boolean;
  /** Whether the platform may send no request, or break off a response. */
  readonly mayFail?: boolean;
}

/** What the test user may lose: nothing, values, or all access. */
export type Harm = 'none' | 'values' | 'access';

export interface Experiment {
  readonly id: string;
  readonly harm: Harm;
  /** `new`: the platform must not have synchronized the user before. */
  readonly users: 'plain' | 'new' | 'spaced';
  readonly steps: readonly ExperimentStep[];
  /** What every try must show; a try without it is void. */
  readonly requires: readonly Sight[];
  readonly reads: ReadonlyArray<{
    readonly assumption: Assumption;
    /** Measured at the endpoint alone, or shown by the platform. */
    readonly source: 'measured' | 'shown';
    /** The first that holds counts. */
    readonly outcomes: readonly Outcome[];
    /** Why `value: null`. */
    readonly reasonForNull?: string;
  }>;
}

const noDisabling =
  'No response of the endpoint disables users on this platform. This takes a user who leaves the user list of the identity provider and returns.';

/** Whether the platform takes one response, seen in a group of it. The second step proves that the user can be changed. */
function acceptance(
  id: string,
  respond: ScriptedResponse,
  assumption: Assumption,
  [accepted, rejected]: readonly [string | boolean, string | boolean],
): Experiment {
  return {
    id,
    harm: 'none',
    users: 'plain',
    steps: [{ respond: { ...respond, groups: ['learn-first'] } }, { respond: { groups: ['learn-second'] } }],
    requires: [{ step: 1, has: ['learn-second'] }],
    reads: [
      {
        assumption,
        source: 'shown',
        outcomes: [
          { value: accepted, when: [{ step: 0, has: ['learn-first'] }] },
          { value: rejected, when: [{ step: 0, lacks: ['learn-first'] }] },
        ],
      },
    ],
  };
}

/** What a response without user info does to a new user, and to one that has a group. */
function failure(id: string, respond: ScriptedResponse, assumption: 'onNotFound' | 'onFailure'): Experiment {
  const groups = ['learn-first'];
  return {
    id,
    harm: 'access',
    users: 'new',
    steps: [{ respond, mayFail: true }, { respond: { groups } }, { respond, mayFail: true }],
    requires: [{ step: 1, user: 'exists', has: groups }],
    reads: [
      {
        assumption,
        source: 'shown',
        outcomes: [
          {
            value: 'disable',
            when: [
              { step: 0, user: 'disabled' },
              { step: 2, user: 'disabled', has: groups },
            ],
          },
          {
            value: 'clear',
            when: [
              { step: 0, user: 'enabled' },
              { step: 2, user: 'enabled', lacks: groups },
            ],
          },
          {
            value: 'keep',
            when: [
              { step: 0, user: 'enabled' },
              { step: 2, user: 'enabled', has: groups },
            ],
          },
          {
            value: 'fail',
            when: [
              { step: 0, user: 'missing' },
              { step: 2, user: 'enabled', has: groups },
            ],
          },
        ],
      },
      {
        assumption: 'enableReturnedUsers',
        source: 'shown',
        reasonForNull: noDisabling,
        outcomes: [
          {
            value: true,
            when: [
              { step: 0, user: 'disabled' },
              { step: 1, user: 'enabled' },
            ],
          },
          {
            value: false,
            when: [
              { step: 0, user: 'disabled' },
              { step: 1, user: 'disabled' },
            ],
          },
          { value: null, when: [{ step: 0, user: 'enabled' }] },
          { value: null, when: [{ step: 0, user: 'missing' }] },
        ],
      },
    ],
  };
}

const [[lowerName, lowerValue], [upperName, upperValue]] = provided.attributes;

export const experiments: readonly Experiment[] = [
  {
    id: 'space-in-userid',
    harm: 'none',
    users: 'spaced',
    steps: [{ respond: { groups: ['learn-first'] } }],
    requires: [],
    reads: [
      {
        assumption: 'spaceAs',
        source: 'measured',
        outcomes: [
          { value: '%20', when: [{ step: 0, spaceAs: '%20' }] },
          { value: '+', when: [{ step: 0, spaceAs: '+' }] },
        ],
      },
    ],
  },
  {
    id: 'letter-case',
    harm: 'none',
    users: 'plain',
    steps: [{ respond: { groups: ['Learn-Case'], authorizations: { LearnCase: ['one'] } } }],
    requires: [{ step: 0, has: ['learn-case'], hasValues: ['learncase=one'] }],
    reads: [
      {
        assumption: 'groupCase',
        source: 'shown',
        outcomes: [
          { value: 'keep', when: [{ step: 0, hasExactly: 'Learn-Case' }] },
          { value: 'lower', when: [{ step: 0, hasExactly: 'learn-case' }] },
          { value: 'upper', when: [{ step: 0, hasExactly: 'LEARN-CASE' }] },
        ],
      },
      {
        assumption: 'attributeCase',
        source: 'shown',
        outcomes: [
          { value: 'keep', when: [{ step: 0, hasAttributeExactly: 'LearnCase' }] },
          { value: 'lower', when: [{ step: 0, hasAttributeExactly: 'learncase' }] },
          { value: 'upper', when: [{ step: 0, hasAttributeExactly: 'LEARNCASE' }] },
        ],
      },
    ],
  },
  {
    id: 'redirect',
    harm: 'none',
    users: 'plain',
    steps: [
      { respond: { redirects: true }, hop: { groups: ['learn-first'] } },
      { respond: { groups: ['learn-second'] } },
    ],
    requires: [{ step: 1, has: ['learn-second'] }],
    reads: [
      {
        assumption: 'followRedirects',
        source: 'measured',
        outcomes: [
          { value: true, when: [{ step: 0, isRedirectFollowed: true, has: ['learn-first'] }] },
          { value: false, when: [{ step: 0, isRedirectFollowed: false, lacks: ['learn-first'] }] },
        ],
      },
    ],
  },
  acceptance('extra-key', { extraKey: 'top' }, 'bodyProfile', ['lenient', 'strict']),
  acceptance('extra-key-in-group', { extraKey: 'group' }, 'bodyProfile', ['lenient', 'strict']),
  acceptance('text-plain', { contentType: 'text/plain' }, 'contentType', ['any', 'json']),
  {
    id: 'merge',
    harm: 'none',
    users: 'plain',
    steps: [
      {
        respond: {
          groups: ['learn-first'],
          authorizations: { [lowerName]: ['endpoint'], [upperName]: ['endpoint'] },
        },
      },
    ],
    requires: [{ step: 0, has: ['learn-first'], hasValues: [`${lowerName}=endpoint`] }],
    reads: [
      {
        assumption: 'mergeRule',
        source: 'shown',
        outcomes: [
          {
            value: 'override',
            when: [
              {
                step: 0,
                lacks: [provided.group],
                lacksValues: [`${lowerName}=${lowerValue}`, `${lowerName}=${upperValue}`],
              },
            ],
          },
          {
            value: 'union',
            when: [
              {
                step: 0,
                has: [provided.group],
                hasValues: [`${lowerName}=${lowerValue}`, `${lowerName}=${upperValue}`],
              },
            ],
          },
          {
            value: 'attribute-override',
            when: [{ step: 0, has: [provided.group], lacksValues: [`${lowerName}=${lowerValue}`] }],
          },
          {
            value: 'attribute-override',
            when: [{ step: 0, has: [provided.group], lacksValues: [`${lowerName}=${upperValue}`] }],
          },
        ],
      },
    ],
  },
  {
    id: 'removed-group',
    harm: 'values',
    users: 'plain',
    steps: [
      { respond: { groups: ['learn-first', 'learn-second'], authorizations: { learnkept: ['one', 'two'] } } },
      { respond: { groups: ['learn-first', 'learn-third'], authorizations: { learnkept: ['one'] } } },
    ],
    requires: [
      { step: 0, has: ['learn-first', 'learn-second'], hasValues: ['learnkept=two'] },
      { step: 1, has: ['learn-first', 'learn-third'], hasValues: ['learnkept=one'] },
    ],
    reads: [
      {
        assumption: 'removalRule',
        source: 'shown',
        outcomes: [
          { value: 'remove', when: [{ step: 1, lacks: ['learn-second'], lacksValues: ['learnkept=two'] }] },
          { value: 'keep', when: [{ step: 1, has: ['learn-second'], hasValues: ['learnkept=two'] }] },
        ],
      },
    ],
  },
  {
    id: 'untrusted-certificate',
    harm: 'access',
    users: 'plain',
    steps: [
      { respond: { groups: ['learn-first'] }, presentsUntrusted: true, mayFail: true },
      { respond: { groups: ['learn-second'] } },
    ],
    requires: [{ step: 1, has: ['learn-second'] }],
    reads: [
      {
        assumption: 'verifyServerCertificate',
        source: 'measured',
        outcomes: [
          { value: true, when: [{ step: 0, isRequested: false, lacks: ['learn-first'] }] },
          { value: false, when: [{ step: 0, isRequested: true, has: ['learn-first'] }] },
        ],
      },
    ],
  },
  failure('not-found', { status: 404 }, 'onNotFound'),
  failure('status-403', { status: 403 }, 'onFailure'),
  failure('status-503', { status: 503 }, 'onFailure'),
  failure('incomplete-json', { body: '{"groups":[' }, 'onFailure'),
  failure('closed-connection', { closes: true }, 'onFailure'),
];
