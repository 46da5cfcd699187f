// Made by `npm run generate:types` from schemas/integration-settings.schema.json. Do not edit.

/**
 * What the simulator has to know of the integrations with data platforms to say who may impersonate whom there: whether impersonation is on, and who was given it in the data platform itself. Users are named as they are on that data platform.
 */
export interface LoadedIntegrationSettings {
  databricks: DatabricksIntegration;
  redshift: RedshiftIntegration;
  snowflake: SnowflakeIntegration;
  synapse: SynapseIntegration;
  trino: TrinoIntegration;
}
/**
 * Databricks Spark: the cluster says who may.
 */
export interface DatabricksIntegration {
  /**
   * The cluster's IMMUTA_SPARK_DATABRICKS_ALLOWED_IMPERSONATION_USERS: Databricks users, who need not be users of the platform.
   */
  allowedImpersonationUsers: string[];
  /**
   * Id of the IAM in which the user to impersonate is looked for.
   */
  iam: string;
}
/**
 * Redshift.
 */
export interface RedshiftIntegration {
  /**
   * Enable Impersonation.
   */
  enableImpersonation: boolean;
  /**
   * The group in Redshift whose members may. Its default is a guess.
   */
  impersonationGroup: string;
  /**
   * Redshift users in that group.
   */
  members: string[];
}
/**
 * Snowflake.
 */
export interface SnowflakeIntegration {
  /**
   * Enable Impersonation.
   */
  enableImpersonation: boolean;
  /**
   * The role in Snowflake by which users impersonate, as Snowflake keeps its name.
   */
  impersonationRole: string;
  /**
   * Snowflake users who have that role.
   */
  members: string[];
  /**
   * Whether a feature is on with which impersonation is not supported in Snowflake. The platform's page names two.
   */
  hasExcludingFeature: boolean;
}
/**
 * Azure Synapse Analytics.
 */
export interface SynapseIntegration {
  /**
   * Enable Impersonation.
   */
  enableImpersonation: boolean;
  /**
   * The database role whose members may. Its default is a guess.
   */
  impersonationRole: string;
  /**
   * Synapse users in that role.
   */
  members: string[];
}
/**
 * Starburst (Trino), where impersonation is always on.
 */
export interface TrinoIntegration {
  /**
   * Trino users who match the integration's own setting of its administrators. Here they are whole names, in their letter case: how that setting is matched is documented elsewhere.
   */
  admins: string[];
}
