// Owns the checks of the one parameter: a `userid` that is missing, empty or repeated names nobody.
import type { Topic } from '../check.ts';
import { errorBodyCheck, type Refusal, refusalChecks } from './refusal-checks.ts';

const shared = {
  source: 'User info contract, semantics: 200 is sent only when the user was found exactly once',
  statusSource: 'User info contract, statuses: a userid that is missing, empty or repeated is 400',
  status: 400,
  needs: ['control'],
} as const;

const missing: Refusal = {
  ...shared,
  id: 'userid-missing',
  request: 'a request without userid',
  change: 'answer 400 when the parameter is not there, before the source is asked',
  questions: () => [{ userids: [] }],
};

const empty: Refusal = {
  ...shared,
  id: 'userid-empty',
  request: 'an empty userid',
  change:
    'answer 400 when the parameter is empty, before the source is asked: an empty name can match everybody in a directory',
  questions: () => [{ userids: [''] }],
};

const repeated: Refusal = {
  ...shared,
  id: 'userid-repeated',
  request: 'a repeated userid',
  change:
    'answer 400 when the parameter is there more than once, and take neither the first nor the last: a proxy may check one and the endpoint answer for the other',
  questions: ({ knownUser, unknownUser }) => [
    { userids: [knownUser, unknownUser] },
    { userids: [unknownUser, knownUser] },
  ],
};

export const userid: Topic = {
  title: 'The parameter userid',
  checks: [
    ...refusalChecks(missing),
    ...refusalChecks(empty),
    ...refusalChecks(repeated),
    errorBodyCheck('userid-missing-error-body', 'MUST NOT send user info in the refusal of a missing userid', missing),
  ],
};
