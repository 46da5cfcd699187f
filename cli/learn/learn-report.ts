// Commands `user-info learn report` and `learn compare`: a human-readable report of a platform profile, and the changes between two profiles.
import { type Command, Option } from 'commander';
import { findExpired } from '../../schemas/fact-validity.ts';
import type { Fact, PlatformProfile } from '../../schemas/generated/platform-profile.ts';
import { makeVisible, makeVisibleLine } from '../../schemas/printable-text.ts';
import { compareProfiles, type FactChange, type ProfileComparison } from '../../simulator/learn/compare-profiles.ts';
import { CommandFailure, exitCodes } from '../exit-codes.ts';
import { readPlatformProfile } from '../schema-file.ts';
import { printJson, printText, renderTable } from '../text-table.ts';
import { wordFact, wordValue } from './profile-parts.ts';
import { renderProfileHtml } from './profile-report-html.ts';
import { renderProfileMarkdown } from './profile-report-markdown.ts';

const renderers = { markdown: renderProfileMarkdown, html: renderProfileHtml } as const;

/** Adds `report`. Exit codes: 0 printed, 2 the file is not a profile. */
export function addLearnReportCommand(learn: Command): void {
  learn
    .command('report')
    .description('Print a platform profile as a human-readable report.')
    .argument('<profile>', 'platform profile, YAML')
    .addOption(
      new Option('--format <format>', 'markdown, or html with a timeline for each experiment')
        .choices(Object.keys(renderers))
        .default('markdown'),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ user-info learn report platform-profile.yaml
  $ user-info learn report platform-profile.yaml --format html > platform.html

Exit codes: 0 printed, 2 the file is not a profile.
`,
    )
    .action((file: string, { format }: { readonly format: keyof typeof renderers }) => {
      const errors: string[] = [];
      const profile = readPlatformProfile('PROFILE', file, errors);
      if (profile === null) throw new CommandFailure(exitCodes.usage, errors.join('\n'));
      printText(renderers[format](profile, new Date()));
    });
}

/** Adds `compare`. Exit codes: 0 no value changed, 1 a value changed, 2 a file is not a profile. */
export function addLearnCompareCommand(learn: Command): void {
  learn
    .command('compare')
    .description('List the facts that changed from one platform profile to another.')
    .argument('<old>', 'the earlier profile, YAML')
    .argument('<new>', 'the later profile, YAML')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ user-info learn compare before-upgrade.yaml platform-profile.yaml

Measured times count as changed only when their intervals do not overlap.
Exit codes: 0 no value changed, 1 a value changed, 2 a file is not a profile.
`,
    )
    .action((oldFile: string, newFile: string, { json = false }: { readonly json?: boolean }) => {
      const errors: string[] = [];
      const before = readPlatformProfile('OLD', oldFile, errors);
      const after = readPlatformProfile('NEW', newFile, errors);
      if (before === null || after === null) throw new CommandFailure(exitCodes.usage, errors.join('\n'));
      const comparison = compareProfiles(before, after);
      if (json) printJson({ before: nameOf(before), after: nameOf(after), ...comparison });
      else printText(describeComparison(before, after, comparison));
      if (comparison.changed.length + comparison.connection.length > 0) process.exitCode = exitCodes.negative;
    });
}

function nameOf({ platform, date }: PlatformProfile) {
  return { platform, date };
}

function describeComparison(before: PlatformProfile, after: PlatformProfile, comparison: ProfileComparison): string {
  const { changed, gained, lost, unchanged, connection } = comparison;
  const toRow = (kind: string) => (change: FactChange) => [
    ...[change.name, wordSide(change.before), wordSide(change.after), kind],
  ];
  const rows = [
    ...changed.map(toRow('changed')),
    ...connection.map((name) => [
      ...[name, wordFact(before.connection[name] ?? none), wordFact(after.connection[name] ?? none), 'changed'],
    ]),
    ...gained.map(toRow('newly determined')),
    ...lost.map(toRow('no longer determined')),
  ];
  const expired = findExpired(after, new Date());
  return [
    makeVisibleLine(`Before: ${before.platform}, ${before.date}. Now: ${after.platform}, ${after.date}.`),
    '',
    renderTable(['fact', 'before', 'now', ''], rows, 'No fact changed.').trimEnd(),
    '',
    `${changed.length + connection.length} changed, ${gained.length} newly determined, ${lost.length} no longer determined, ${unchanged.length} as before.`,
    ...(expired.length === 0 ? [] : [makeVisible(`Expired in the later profile: ${expired.join(', ')}.`)]),
    '',
  ].join('\n');
}

const none = { determined: 'no' } as const;

function wordSide(fact: Fact | null): string {
  return fact === null ? '–' : wordValue(fact);
}
