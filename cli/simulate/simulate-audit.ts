// Command `user-info simulate audit`: prints the audit trail.
import { type Command, Option } from 'commander';
import { type AuditAction, type AuditRecord, auditActions } from '../../simulator/identities/identity-store.ts';
import {
  type PageFlags,
  pickGiven,
  printPage,
  readPage,
  useSimulator,
  withPageOptions,
  withStoreOptions,
} from './simulator-command.ts';

interface AuditFlags extends PageFlags {
  readonly target?: string;
  readonly by?: string;
  readonly action?: AuditAction;
}

/** Adds `audit`. */
export function addAuditCommand(simulate: Command): void {
  withPageOptions(withStoreOptions(simulate.command('audit')), 'changes')
    .description('List changes with actor and time, newest first; --json adds the values before and after.')
    .option('--target <name>', 'only changes of this user, group, IAM or permission')
    .option('--by <name>', 'only changes by this actor')
    .addOption(new Option('--action <name>', 'only this kind of change').choices(auditActions))
    .addHelpText(
      'after',
      `
Examples:
  $ user-info simulate audit --target ada@example.com
  $ user-info simulate audit --action UserDeleted --json
`,
    )
    .action((flags: AuditFlags) =>
      useSimulator(flags, ({ identities }) => {
        const page = identities.audit.list({
          ...pickGiven(flags, 'target', 'by', 'action'),
          ...readPage(flags),
        });
        const toRow = ({ at, by, action, iam, target }: AuditRecord) => [at, by, action, target, iam];
        printPage(flags, page, ['when', 'who', 'what', 'whom', 'iam'], toRow, 'No changes.');
      }),
    );
}
