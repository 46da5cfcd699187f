// Data platforms and their user names: setting, letter case, and whether "none" is possible.

/** Kinds of AWS principals; by default, the AWS name is the user name. */
export const awsUserTypes = ['iam-user', 'iam-role', 'identity-center'] as const;
export type AwsUserType = (typeof awsUserTypes)[number];

export const dataPlatformIds = [
  'databricks',
  'snowflake',
  'trino',
  'synapse',
  'redshift',
  'bigquery',
  'postgresql',
  'teradata',
  'aws',
] as const;
export type DataPlatformId = (typeof dataPlatformIds)[number];

export interface DataPlatform {
  readonly id: DataPlatformId;
  readonly name: string;
  /** Key in a user's `externalUserIds`, and in the profile schema of an IAM. The keys of PostgreSQL and AWS are guesses. */
  readonly key: ProfileKey;
  /** How names are compared; null: undocumented. */
  readonly letterCase: 'ignored' | 'counts' | null;
  /** Whether a user can have no account. On AWS, "None" means the user name instead. */
  readonly hasNone: boolean;
}

export type ProfileKey =
  | 'databricksUser'
  | 'snowflakeUser'
  | 'prestoUser'
  | 'asaUser'
  | 'redshiftUser'
  | 'bigqueryUser'
  | 'postgresqlUser'
  | 'teradataUser'
  | 'awsUser';

export const dataPlatforms: Readonly<Record<DataPlatformId, DataPlatform>> = {
  databricks: { id: 'databricks', name: 'Databricks', key: 'databricksUser', letterCase: 'ignored', hasNone: true },
  snowflake: { id: 'snowflake', name: 'Snowflake', key: 'snowflakeUser', letterCase: null, hasNone: true },
  trino: { id: 'trino', name: 'Trino', key: 'prestoUser', letterCase: null, hasNone: true },
  synapse: { id: 'synapse', name: 'Azure Synapse Analytics', key: 'asaUser', letterCase: null, hasNone: true },
  redshift: { id: 'redshift', name: 'Redshift', key: 'redshiftUser', letterCase: null, hasNone: true },
  bigquery: { id: 'bigquery', name: 'BigQuery', key: 'bigqueryUser', letterCase: null, hasNone: true },
  postgresql: { id: 'postgresql', name: 'PostgreSQL', key: 'postgresqlUser', letterCase: null, hasNone: true },
  teradata: { id: 'teradata', name: 'Teradata', key: 'teradataUser', letterCase: null, hasNone: true },
  aws: { id: 'aws', name: 'AWS', key: 'awsUser', letterCase: 'counts', hasNone: false },
};
