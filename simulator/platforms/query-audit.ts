// Audit record of a query under impersonation, in the form of each data platform.
import type { Allowed } from './impersonation.ts';
import type { ImpersonationPlatform } from './impersonation-statements.ts';

/** The parts of the platform's record that tell who asked what; field names as in its documented example of Databricks. */
export interface QueryAudit {
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  /** ms since 1970, as text. */
  readonly dateTime: string;
  readonly recordType: string;
  readonly accessType: 'query';
  readonly success: true;
  /** Whom the query counts for. */
  readonly userId: string;
  readonly extra: { readonly queryText: string; readonly impersonationUser?: string };
}

/** Databricks' is documented; the others are guesses. */
const recordTypes: Readonly<Record<ImpersonationPlatform, string>> = {
  databricks: 'spark',
  redshift: 'redshiftQuery',
  snowflake: 'snowflakeQuery',
  synapse: 'synapseQuery',
  trino: 'trinoQuery',
};

/**
 * Databricks: the impersonated user, and in `extra.impersonationUser` who impersonates. Snowflake: the user who is logged in, and
 * nothing of the other. Of Redshift, Synapse and Trino it is documented nowhere: as Databricks is a guess, `isGuess` tells.
 */
export function writeQueryAudit(
  { platform, account, targetName }: Pick<Allowed, 'platform' | 'account' | 'targetName'>,
  queryText: string,
  at: string,
): { readonly record: QueryAudit; readonly isGuess: boolean } {
  const same = {
    createdAt: at,
    dateTime: String(Date.parse(at)),
    recordType: recordTypes[platform],
    accessType: 'query',
    success: true,
  } as const;
  if (platform === 'snowflake') return { record: { ...same, userId: account, extra: { queryText } }, isGuess: false };
  return {
    record: { ...same, userId: targetName, extra: { queryText, impersonationUser: account } },
    isGuess: platform !== 'databricks',
  };
}
