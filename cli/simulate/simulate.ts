// Command `user-info simulate`: group of the subcommands that simulate the platform.
import type { Command } from 'commander';

type AddCommand = (simulate: Command) => void;

/** Loads only the given subcommand, as main.ts does. */
const subcommands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  iam: async () => (await import('./simulate-iam.ts')).addIamCommand,
  users: async () => (await import('./simulate-users.ts')).addUsersCommand,
  groups: async () => (await import('./simulate-groups.ts')).addGroupsCommand,
  attributes: async () => (await import('./simulate-attributes.ts')).addAttributesCommand,
  permissions: async () => (await import('./simulate-permissions.ts')).addPermissionsCommand,
  login: async () => (await import('./simulate-sync.ts')).addLoginCommand,
  sync: async () => (await import('./simulate-sync.ts')).addSyncCommand,
  scenario: async () => (await import('./simulate-scenario.ts')).addScenarioCommand,
  load: async () => (await import('./simulate-load.ts')).addLoadCommand,
  runs: async () => (await import('./simulate-runs.ts')).addRunsCommand,
  compare: async () => (await import('./simulate-compare.ts')).addCompareCommand,
  undo: async () => (await import('./simulate-runs.ts')).addUndoCommand,
  diff: async () => (await import('./simulate-runs.ts')).addDiffCommand,
  'external-ids': async () => (await import('./simulate-external-ids.ts')).addExternalIdsCommand,
  impersonation: async () => (await import('./simulate-impersonation.ts')).addImpersonationCommand,
  serve: async () => (await import('./simulate-serve.ts')).addServeCommand,
  'api-keys': async () => (await import('./simulate-serve.ts')).addApiKeysCommand,
  audit: async () => (await import('./simulate-audit.ts')).addAuditCommand,
};

/** Adds `simulate`. */
export async function addSimulateCommand(program: Command): Promise<void> {
  const simulate = program
    .command('simulate')
    .description('Simulate the platform: its identities, and the sync that requests users from your endpoint.')
    .addHelpText(
      'after',
      `
Examples:
  An IAM with its endpoint, and a login of one user:
    $ user-info simulate iam create okta --type openid-connect --settings okta.yaml
    $ user-info simulate login okta ada@example.com
  All users of a file: first a dry run, then the sync:
    $ user-info simulate sync okta --users users.csv --dry-run
    $ user-info simulate sync okta --users users.csv
  The result:
    $ user-info simulate users show ada@example.com --iam okta
    $ user-info simulate diff 1 2

Identities and runs are stored in one file: simulator.db, or the file given with --store. Passwords and keys that are sent to the API are in a directory next to it (simulator.db.secrets). Only one command can use it at a time.
`,
    );
  const asked = process.argv[3] ?? '';
  const wanted = Object.hasOwn(subcommands, asked) ? [asked] : Object.keys(subcommands);
  for (const name of wanted) (await subcommands[name]?.())?.(simulate);
}
