// Paged list of users who differ between two runs or two endpoints, with the reason if one endpoint returned no user info.
import type { UserDifference } from '../sync/diff-runs.ts';
import { Change } from './change.tsx';
import { wordOutcome, wordReason } from './run-state.tsx';
import { Pager, Table } from './table.tsx';

const pageSize = 25;

interface DifferencesProps {
  readonly differences: readonly UserDifference[];
  readonly offset: number;
  /** Name of the offset in the URL. */
  readonly name?: string;
  /** For users who exist on one side only. */
  readonly words: Readonly<Record<UserDifference['presence'], string>>;
}

export function Differences({ differences, offset, name = 'offset', words }: DifferencesProps) {
  return (
    <>
      <Table
        caption="Users who differ"
        head={['User name', 'Result', 'Reason', 'Change']}
        rows={differences.slice(offset, offset + pageSize).map(({ userid, presence, outcomes, gained, lost }) => ({
          key: userid,
          cells: [
            userid,
            outcomes === null ? words[presence] : `${wordOutcome(outcomes.before)} → ${wordOutcome(outcomes.after)}`,
            outcomes === null ? '' : wordReason({ outcome: outcomes.after, detail: outcomes.detail }),
            <Change key="change" gained={gained} lost={lost} />,
          ],
        }))}
      />
      <Pager name={name} of="differences" offset={offset} size={pageSize} count={differences.length} />
    </>
  );
}
