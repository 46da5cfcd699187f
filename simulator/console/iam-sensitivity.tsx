// Sensitivity analysis in the console: the same responses under each value of each assumption, as a table.
import { useState } from 'preact/hooks';
import type { Sensitivity, SensitivityRow } from '../sync/sensitivity.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { toLabel } from './options-form.tsx';
import { setQuery, useRoute } from './route.ts';
import { ask, at } from './server.ts';
import { RunningWork } from './sync-events.tsx';
import { Pager, Table } from './table.tsx';

/** The response of `findSensitivity`. */
interface Found extends Pick<Sensitivity, 'ending' | 'rows' | 'notEvaluated'>, Pick<SensitivityRow, 'summary'> {
  readonly asked: number;
  readonly answered: number;
}

const pageSize = 25;

export function IamSensitivity({ id }: { readonly id: string }) {
  const [found, setFound] = useState<Found | null>(null);
  const { isBusy, refusal, act } = useAction();
  const evaluate = async () => {
    setFound(null);
    setQuery({ assumptions: '' });
    setFound(await ask<Found>('POST', at`/simulator/iams/${id}/sensitivity`));
  };
  return (
    <>
      <h2>Which assumption matters</h2>
      <p>
        Each user is requested once. The responses are evaluated under each value of each assumption that does not
        affect requests. Nothing is stored or applied.
      </p>
      <p class="actions">
        <button type="button" disabled={isBusy} onClick={() => act(evaluate, 'The assumptions were evaluated.')}>
          Evaluate each assumption
        </button>
      </p>
      <RunningWork iam={id} work="sensitivity analysis" />
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      {found !== null && <Result found={found} />}
    </>
  );
}

function Result({ found }: { readonly found: Found }) {
  const { ending, asked, answered, summary, rows, notEvaluated } = found;
  const offset = Number(useRoute().query.get('assumptions') ?? 0);
  if (ending !== 'dry-run') {
    return (
      <ErrorNotice>The endpoint did not respond for too many users in a row, so nothing was evaluated.</ErrorNotice>
    );
  }
  // Lists the assumptions that affect the most users first; otherwise keeps the order of the schema.
  const sorted = rows.toSorted((one, other) => other.differing - one.differing);
  const matter = [...new Set(sorted.filter(({ differing }) => differing > 0).map(({ assumption }) => assumption))];
  return (
    <section aria-label="Result of the evaluation">
      {answered === 0 ? (
        <ErrorNotice>
          The endpoint did not return user info for any user, so this result says little about the assumptions.
        </ErrorNotice>
      ) : (
        <p class="notice" role="status">
          {answered} of {asked} users were retrieved.{' '}
          {matter.length === 0
            ? 'None of these assumptions matters for them.'
            : `These assumptions matter: ${matter.map(toLabel).join(', ')}.`}
        </p>
      )}
      <Table
        caption="Assumptions"
        head={['Assumption', 'Value', 'Users who differ', 'Created', 'Disabled', 'Lose access', 'Guard']}
        rows={[
          ...(offset === 0 ? [{ key: '', cells: ['Current setting', '', '', ...toCells(summary)] }] : []),
          ...sorted.slice(offset, offset + pageSize).map(({ assumption, value, differing, summary: changed }) => ({
            key: `${assumption} ${value}`,
            cells: [toLabel(assumption), String(value), differing, ...toCells(changed)],
          })),
        ]}
      />
      <Pager name="assumptions" of="assumptions" offset={offset} size={pageSize} count={sorted.length} />
      <p class="hint">
        Not evaluated, because they would require different requests: {notEvaluated.map(toLabel).join(', ')}.
      </p>
    </section>
  );
}

function toCells({ created, disabled, losing, stopped }: SensitivityRow['summary']): Array<string | number> {
  return [created, disabled, losing, stopped.length > 0 ? 'stops' : 'passes'];
}
