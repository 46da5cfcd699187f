// Statements that start and end impersonation on each data platform, and that grant the permission to impersonate.
import type { LoadedIntegrationSettings } from '../../schemas/generated/loaded-integration-settings.ts';
import { quoteShellWord } from './shell-word.ts';
import { quoteEscapedString, quoteName, quoteSparkValue, quoteSynapseName, quoteSynapseString } from './sql-text.ts';

/** The data platforms with impersonation. */
export const impersonationPlatforms = ['databricks', 'redshift', 'snowflake', 'synapse', 'trino'] as const;
export type ImpersonationPlatform = (typeof impersonationPlatforms)[number];

/** A statement, and where to run it. */
export interface Statement {
  readonly where: 'sql' | 'jdbc-property' | 'shell';
  readonly text: string;
}

/** All statements in order. `notes` describe the effect between start and end. */
export interface ImpersonationStatements {
  readonly start: readonly Statement[];
  readonly end: readonly Statement[];
  /** Shows who is impersonated; empty if the platform has no statement for it. */
  readonly show: readonly Statement[];
  readonly notes: readonly string[];
}

const sql = (text: string): Statement => ({ where: 'sql', text });

/** @param name the user to impersonate: on Synapse, the user name on Synapse; elsewhere, the user name on the data-access platform. */
export function writeImpersonation(
  platform: ImpersonationPlatform,
  name: string,
  { snowflake }: LoadedIntegrationSettings,
): ImpersonationStatements {
  switch (platform) {
    case 'redshift':
      return {
        start: [sql(`CALL immuta_procedures.impersonate_user(${quoteEscapedString(name)});`)],
        end: [sql('CALL immuta_procedures.impersonate_user(NULL);')],
        show: [],
        notes: ['The impersonation applies to this script and session; all other queries run as the regular user.'],
      };
    case 'synapse':
      return {
        start: [sql(`EXEC sys.sp_set_session_context @key = N'immuta_user', @value = ${quoteSynapseString(name)};`)],
        end: [sql("EXEC sys.sp_set_session_context @key = N'NULL', @value = '<NULL>';")],
        show: [],
        notes: [
          'The impersonation applies to this script and session; a new script runs as the regular user.',
          'The statement that ends the impersonation is the documented one. In T-SQL, however, it sets a key named NULL and does not change immuta_user. To be certain, open a new session.',
        ],
      };
    case 'snowflake':
      return {
        start: [
          sql(`USE ROLE ${quoteName(snowflake.impersonationRole)};`),
          sql(`SET immuta_user = ${quoteEscapedString(name)};`),
        ],
        end: [sql('UNSET immuta_user;')],
        show: [],
        notes: [
          'The impersonation applies to this worksheet and session; a new worksheet runs as the regular user.',
          'How to end the impersonation earlier is undocumented; UNSET is an assumption.',
        ],
      };
    case 'trino':
      return {
        start: [
          { where: 'jdbc-property', text: `sessionUser=${name}` },
          { where: 'shell', text: `trino --session-user ${quoteShellWord(name)}` },
        ],
        end: [sql('RESET SESSION immuta.immuta_user;')],
        show: [sql("SHOW SESSION LIKE 'immuta.immuta_user';")],
        notes: [
          'Start with one of the two statements.',
          'The permission is checked only when a query runs: without it, the session starts, but the query fails.',
        ],
      };
    case 'databricks':
      return {
        start: [sql(`set immuta.impersonate.user=${quoteSparkValue(name)}`)],
        end: [sql('set immuta.impersonate.user=')],
        show: [],
        notes: [
          'During the impersonation, the privileges of the impersonating user do not apply. Only data that the impersonated user may see is available. DDL is possible only in workspaces, in scratch paths and outside the data that the platform governs.',
        ],
      };
  }
}

/**
 * Returns a statement with which the platform's administrator grants or revokes the permission to impersonate. Null if that is impossible: on Trino,
 * and on Databricks, where the cluster's list has to be changed.
 *
 * @param user name of the user on the data platform.
 */
export function writeGrant(
  platform: ImpersonationPlatform,
  user: string,
  isGiven: boolean,
  { redshift, snowflake, synapse }: LoadedIntegrationSettings,
): { readonly as: string; readonly statement: Statement } | null {
  switch (platform) {
    case 'redshift': {
      const change = `${isGiven ? 'ADD' : 'DROP'} USER ${quoteName(user)}`;
      return {
        as: 'a superuser of Redshift',
        statement: sql(`ALTER GROUP ${quoteName(redshift.impersonationGroup)} ${change};`),
      };
    }
    case 'synapse': {
      const procedure = isGiven ? 'sp_addrolemember' : 'sp_droprolemember';
      const names = `${quoteSynapseName(synapse.impersonationRole)}, ${quoteSynapseName(user)}`;
      return { as: 'a Synapse user', statement: sql(`EXEC ${procedure} ${names};`) };
    }
    case 'snowflake': {
      const role = quoteName(snowflake.impersonationRole);
      const change = isGiven ? `GRANT ROLE ${role} TO` : `REVOKE ROLE ${role} FROM`;
      return {
        as: 'a Snowflake user with the role ACCOUNTADMIN',
        statement: sql(`${change} USER ${quoteName(user)};`),
      };
    }
    case 'trino':
    case 'databricks':
      return null;
  }
}
