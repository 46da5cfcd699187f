// Owns the checks of a user whom the endpoint does not know: the fault that takes access away, or leaves it, in silence.
import type { Topic } from '../check.ts';
import { errorBodyCheck, type Refusal, refusalChecks } from './refusal-checks.ts';

const unknown: Refusal = {
  id: 'unknown-user',
  request: 'an unknown user',
  source: 'User info contract, semantics: 200 is sent only when the user was found exactly once',
  statusSource: 'User info contract, statuses: an unknown or disabled user is 404; RFC 9110, 15.5.11 and 15.3.5',
  status: 404,
  // Gone, or nothing to tell: nobody takes either for user info.
  otherStatuses: [410, 204],
  why: 'A 200 with empty groups is merged like any other: it silently takes access away, or leaves what should be gone.',
  change: 'answer 404 when the user is not found, and another error when the source fails or is ambiguous',
  needs: ['control'],
  questions: ({ unknownUser }) => [{ userids: [unknownUser] }],
};

export const unknownUser: Topic = {
  title: 'An unknown user',
  checks: [
    ...refusalChecks(unknown),
    errorBodyCheck('unknown-user-error-body', 'MUST NOT send user info in the refusal of an unknown user', unknown),
  ],
};
