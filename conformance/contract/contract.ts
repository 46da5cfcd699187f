// The contract that the kit verifies: its version, and every clause by id.
import type { ClauseText, RuleSet } from './clause.ts';
import { contractClauses } from './contract-clauses.ts';
import { hardeningClauses } from './hardening-clauses.ts';
import { standardClauses } from './standard-clauses.ts';

/** Changes with every change of the clauses; see docs/contract.md. */
export const contractVersion: string = '1.0';

/**
 * Whether this version is published. Once it is published, only the checks in docs/reference/scored-checks-VERSION.txt count: any other check is
 * `unscored` until the next version.
 */
export const isFrozen: boolean = true;

/** Ids are permanent: a clause whose meaning changes gets a new one. */
export type ClauseId = keyof typeof contractClauses | keyof typeof standardClauses | keyof typeof hardeningClauses;

export interface Clause extends ClauseText {
  readonly id: ClauseId;
  readonly ruleSet: RuleSet;
}

function listClauses(ruleSet: RuleSet, texts: Readonly<Record<string, ClauseText>>): Clause[] {
  return Object.entries(texts).map(([id, text]) => ({ ...text, id: id as ClauseId, ruleSet }));
}

/** All clauses, those of the contract first. */
export const clauses: readonly Clause[] = [
  ...listClauses('contract', contractClauses),
  ...listClauses('standards', standardClauses),
  ...listClauses('hardening', hardeningClauses),
];

const byId: ReadonlyMap<string, Clause> = new Map(clauses.map((clause) => [clause.id, clause]));

/** Returns the clause with this id. Throws if there is none. */
export function findClause(id: ClauseId): Clause {
  const clause = byId.get(id);
  if (!clause) throw new Error(`The contract has no clause ${id}.`);
  return clause;
}
