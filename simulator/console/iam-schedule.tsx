// Owns the sync schedule of an IAM in the console: its rule, when it runs next, and changing it.
import { useState } from 'preact/hooks';
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { ErrorNotice, useAction } from './loaded.tsx';
import { ask, at } from './server.ts';
import { Time } from './time.tsx';

interface IamScheduleProps {
  readonly iam: IamSettingsBody;
  readonly loaded: NonNullable<IamSettingsBody['loaded']>;
  readonly onSaved: () => void;
}

export function IamSchedule({ iam: { id, settings, nextSync }, loaded, onSaved }: IamScheduleProps) {
  const [rule, setRule] = useState(loaded.sync.cronRule ?? '');
  const [zone, setZone] = useState(loaded.guesses.scheduleTimeZone);
  const { isBusy, refusal, act } = useAction();
  const save = () => {
    const { sync = {}, guesses = {} } = settings as { sync?: object; guesses?: object };
    const { cronRule: _, ...others } = sync as { cronRule?: string };
    return ask('PUT', at`/simulator/iams/${id}`, {
      settings: {
        ...settings,
        sync: rule.trim() === '' ? others : { ...others, cronRule: rule.trim() },
        ...(zone !== loaded.guesses.scheduleTimeZone && { guesses: { ...guesses, scheduleTimeZone: zone } }),
      },
    });
  };
  return (
    <section aria-label="Sync schedule">
      <h2>Sync schedule</h2>
      <p role="status">
        {nextSync === null ? (
          'Synchronised by hand alone.'
        ) : (
          <>
            The next sync of all users: <Time at={nextSync} />.
          </>
        )}
      </p>
      <form
        class="filters"
        onSubmit={async (event) => {
          event.preventDefault();
          if (await act(save)) onSaved();
        }}
      >
        <label>
          Cron rule, empty: by hand alone
          <input
            spellcheck={false}
            placeholder="0 */1 * * *"
            value={rule}
            onInput={(event) => setRule(event.currentTarget.value)}
          />
        </label>
        <label>
          Time zone
          <input required spellcheck={false} value={zone} onInput={(event) => setZone(event.currentTarget.value)} />
        </label>
        <button type="submit" disabled={isBusy}>
          Save schedule
        </button>
      </form>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </section>
  );
}
