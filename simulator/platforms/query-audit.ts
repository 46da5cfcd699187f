// Audit record of a query under impersonation, in the form of each data platform.
import type { Allowed } from './impersonation.ts';
import type { ImpersonationPlatform } from './impersonation-statements.ts';

/** The fields of the platform's record that identify the actors and the query; named as in its documented example for Databricks. */
export interface QueryAudit {
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  /** ms since 1970, as text. */
  readonly dateTime: string;
  readonly recordType: string;
  readonly accessType: 'query';
  readonly success: true;
  /** The user under whom the query runs. */
  readonly userId: string;
  readonly extra: { readonly queryText: string; readonly impersonationUser?: string };
}

/** Only the record type of Databricks is documented; the others are guesses. */
const recordTypes: Readonly<Record<ImpersonationPlatform, string>> = {
  databricks: 'spark',
  redshift: 'redshiftQuery',
  snowflake: 'snowflakeQuery',
  synapse: 'synapseQuery',
  trino: 'trinoQuery',
};

/**
 * Databricks records both users (the impersonating one in `extra.impersonationUser`); Snowflake records only the logged-in user. For Redshift,
 * Synapse and Trino the format is undocumented: the format of Databricks is assumed, and `isGuess` is set.
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
