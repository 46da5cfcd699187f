// Owns the checks of the one parameter: a `userid` that is missing, empty or repeated names nobody.
import type { Topic } from '../check.ts';
import { errorBodyCheck, type Refusal, refusalChecks } from './refusal-checks.ts';

const shared = {
  source: 'User info contract, semantics: 200 is sent only when the user was found exactly once',
  statusSource: 'User info contract, statuses: a userid that is missing, empty or repeated is 400',
  status: 400,
  // What frameworks that validate parameters answer: RFC 9110, 15.5.21.
  otherStatuses: [422],
  needs: ['control'],
} as const;

const missing: Refusal = {
  ...shared,
  id: 'userid-missing',
  request: 'a request without userid',
  why: 'Whoever is answered for was not named: a typing error in the platform’s settings would go unseen.',
  change: 'answer 400 when the parameter is not there, before the source is asked',
  questions: () => [{ userids: [] }],
};

const empty: Refusal = {
  ...shared,
  id: 'userid-empty',
  request: 'an empty userid',
  why: 'An empty name can match everybody in a directory, or the first entry of it.',
  change: 'answer 400 when the parameter is empty, before the source is asked',
  questions: () => [{ userids: [''] }],
};

const repeated: Refusal = {
  ...shared,
  id: 'userid-repeated',
  request: 'a repeated userid',
  why: 'A proxy may check one of the two and the endpoint answer for the other.',
  change: 'answer 400 when the parameter is there more than once, and take neither the first nor the last',
  mend: [
    { stack: 'express', text: 'Refuse when req.query.userid is an array.' },
    { stack: 'flask', text: "Refuse when len(request.args.getlist('userid')) is not 1." },
    { stack: 'spring', text: 'Take the parameter as String[] and refuse when its length is not 1.' },
    { stack: 'go', text: 'Refuse when len(r.URL.Query()["userid"]) is not 1: Get takes the first.' },
    { stack: 'aspnet', text: 'Refuse when Request.Query["userid"].Count is not 1: a string joins them with commas.' },
  ],
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
