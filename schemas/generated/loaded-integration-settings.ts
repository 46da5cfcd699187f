// Made by `npm run generate:types` from schemas/integration-settings.schema.json. Do not edit.

/**
 * Integrations with data platforms, as far as the simulator needs them to determine who may impersonate whom there. They state whether impersonation is enabled, and who was granted impersonation in the data platform itself. Users are identified by their names on that data platform.
 */
export interface LoadedIntegrationSettings {
  databricks: DatabricksIntegration;
  redshift: RedshiftIntegration;
  snowflake: SnowflakeIntegration;
  synapse: SynapseIntegration;
  trino: TrinoIntegration;
}
/**
 * Databricks Spark, where the cluster configuration determines who may impersonate others.
 */
export interface DatabricksIntegration {
  /**
   * Value of the cluster's variable IMMUTA_SPARK_DATABRICKS_ALLOWED_IMPERSONATION_USERS: Databricks users who may impersonate others. They do not have to be users of the platform.
   */
  allowedImpersonationUsers: string[];
  /**
   * Id of the IAM in which the simulator looks up the user to impersonate.
   */
  iam: string;
}
/**
 * Redshift.
 */
export interface RedshiftIntegration {
  /**
   * The platform's option Enable Impersonation for this integration.
   */
  enableImpersonation: boolean;
  /**
   * Group in Redshift whose members may impersonate others. The default is an assumption.
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
   * The platform's option Enable Impersonation for this integration.
   */
  enableImpersonation: boolean;
  /**
   * Role in Snowflake that allows its users to impersonate others, in the letter case in which Snowflake stores it.
   */
  impersonationRole: string;
  /**
   * Snowflake users who have that role.
   */
  members: string[];
  /**
   * Whether a feature is enabled that excludes impersonation in Snowflake. The platform's documentation names two such features.
   */
  hasExcludingFeature: boolean;
}
/**
 * Azure Synapse Analytics.
 */
export interface SynapseIntegration {
  /**
   * The platform's option Enable Impersonation for this integration.
   */
  enableImpersonation: boolean;
  /**
   * Database role whose members may impersonate others. The default is an assumption.
   */
  impersonationRole: string;
  /**
   * Synapse users in that role.
   */
  members: string[];
}
/**
 * Starburst (Trino), where impersonation is always enabled.
 */
export interface TrinoIntegration {
  /**
   * Trino users who match the integration's own setting for administrators. The simulator compares whole names, including letter case, because the platform's documentation does not describe how that setting is matched.
   */
  admins: string[];
}
