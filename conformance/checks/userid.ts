// Checks that a missing, empty or repeated `userid` is refused.
import type { Check, Topic } from '../check.ts';
import { assertNoUserInfo, errorBody, type Refusal, refusalChecks } from './refusal-checks.ts';

const shared = {
  // 422 is the response of frameworks that validate parameters (RFC 9110, 15.5.21).
  statuses: [400, 422],
  needs: ['control'],
} as const;

const missing: Refusal = {
  ...shared,
  refused: {
    id: 'userid-missing-refused',
    title: 'SHOULD respond with a non-200 status to a request without userid',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-7'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'userid-missing-400',
    title: 'MAY respond with 400 or 422 to a request without userid',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
  },
  request: 'a request without userid',
  why: 'The response is for a user who was not requested. A mistake in the settings of a client remains unnoticed.',
  change: 'before the lookup, respond with 400 when the parameter is missing',
  requests: () => [{ userids: [] }],
};

const empty: Refusal = {
  ...shared,
  refused: {
    id: 'userid-empty-refused',
    title: 'SHOULD respond with a non-200 status to an empty userid',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-7'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'userid-empty-400',
    title: 'MAY respond with 400 or 422 to an empty userid',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
  },
  request: 'an empty userid',
  why: 'An empty name can match every entry of an LDAP directory, or the first one.',
  change: 'before the lookup, respond with 400 when the parameter is empty',
  requests: () => [{ userids: [''] }],
};

const repeated: Refusal = {
  ...shared,
  refused: {
    id: 'userid-repeated-refused',
    title: 'SHOULD respond with a non-200 status to a repeated userid',
    ruleSet: 'hardening',
    level: 'SHOULD',
    clauses: ['H-7'],
    impact: 'silently-wrong-access',
  },
  status: {
    id: 'userid-repeated-400',
    title: 'MAY respond with 400 or 422 to a repeated userid',
    ruleSet: 'hardening',
    level: 'MAY',
    clauses: ['H-8'],
    impact: 'cosmetic',
  },
  request: 'a repeated userid',
  why: 'A proxy may check one of the two values while the endpoint responds for the other.',
  change: 'respond with 400 when the parameter is repeated, and use neither the first nor the last value',
  fix: [
    { stack: 'express', text: 'Reject the request if req.query.userid is an array.' },
    { stack: 'flask', text: "Reject the request if len(request.args.getlist('userid')) is not 1." },
    {
      stack: 'spring',
      text: 'Reject the request unless request.getParameterValues("userid") has exactly one value: String[] splits a single value at commas.',
    },
    {
      stack: 'go',
      text: 'Reject the request if len(r.URL.Query()["userid"]) is not 1: Get returns only the first value.',
    },
    {
      stack: 'aspnet',
      text: 'Reject the request if Request.Query["userid"].Count is not 1: conversion to a string joins the values with commas.',
    },
  ],
  requests: ({ knownUser, unknownUser }) => [
    { userids: [knownUser, unknownUser] },
    { userids: [unknownUser, knownUser] },
  ],
};

const missingErrorBody: Check = {
  id: 'userid-missing-error-body',
  title: 'SHOULD NOT send user info in the response to a request without userid',
  ruleSet: 'hardening',
  level: 'SHOULD',
  clauses: ['H-15'],
  impact: 'silently-wrong-access',
  why: 'A client that ignores the status reads the body of the error as user info.',
  fix: errorBody.fix,
  needs: shared.needs,
  run: (context) => assertNoUserInfo([missing], context),
};

export const userid: Topic = {
  title: 'The parameter userid',
  checks: [...refusalChecks(missing), ...refusalChecks(empty), ...refusalChecks(repeated), missingErrorBody],
};
