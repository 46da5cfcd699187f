// Text of `simulate sync --sensitivity`: a table of assumptions.
import { makeVisibleLine } from '../../schemas/printable-text.ts';
import { findMeasurements, groupGuesses, wordMeasurement } from '../../simulator/sync/guess-origins.ts';
import type { Sensitivity } from '../../simulator/sync/sensitivity.ts';
import { renderTable } from '../text-table.ts';

/** Returns a row for each value of each assumption, and the assumptions that matter. */
export function describeSensitivity({ run, summary, rows, notEvaluated }: Sensitivity): string {
  const { guesses } = run.settings;
  const head = ['assumption', 'value', 'users who differ', 'created', 'disabled', 'lose access', 'guard'];
  const cells = ({ created, disabled, losing, stopped }: Sensitivity['rows'][number]['summary']) => [
    created,
    disabled,
    losing,
    stopped.length > 0 ? 'stops' : 'passes',
  ];
  const current = ['(settings of the IAM)', '', 0, ...cells(summary)];
  const others = rows.map(({ assumption, value, differing, summary: changed }) => [
    assumption,
    `${value} (now ${guesses[assumption]})`,
    differing,
    ...cells(changed),
  ]);
  const matter = [...new Set(rows.filter(({ differing }) => differing > 0).map(({ assumption }) => assumption))];
  return [
    `${summary.asked} users of ${run.iam} were requested once. The endpoint returned user info for ${summary.answered} of them. Nothing was stored or applied.\n\n`,
    renderTable(head, [current, ...others], ''),
    summary.answered === 0
      ? 'The endpoint did not return user info for any user, so this result says little about the assumptions.\n'
      : matter.length === 0
        ? 'For these users and responses, none of these assumptions matters.\n'
        : `These assumptions matter for these users and responses: ${matter.join(', ')}.\n${describeMeasured(matter, run)}`,
    `Not evaluated, because they would require different requests: ${notEvaluated.join(', ')}.\n`,
  ].join('');
}

/** Returns which of the assumptions that matter were measured with a platform. */
function describeMeasured(matter: readonly string[], run: Sensitivity['run']): string {
  return groupGuesses(run.settings.guesses, findMeasurements(run.settings, new Date().toISOString()))
    .flatMap(({ measurement, guesses }) => {
      const names = guesses.map(([name]) => name).filter((name) => matter.includes(name));
      return measurement === null || names.length === 0
        ? []
        : [`${makeVisibleLine(`${wordMeasurement(measurement)}: ${names.join(', ')}.`)}\n`];
    })
    .join('');
}
