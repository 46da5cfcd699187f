// Sync schedule of an IAM in the console: its pattern, the next run, and a form for editing.
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { EditForm, useEdit } from './edit-form.tsx';
import { ask, at, type Versioned } from './server.ts';
import { Time } from './time.tsx';

interface IamScheduleProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly onSaved: () => void;
}

const labels = { rule: 'Cron rule', zone: 'Time zone' };

export function IamSchedule({ iam, onSaved }: IamScheduleProps) {
  const { id, nextSync } = iam.data;
  const edit = useEdit({
    resource: iam,
    toFields: ({ loaded }) => ({
      rule: loaded?.sync.cronRule ?? '',
      zone: loaded?.guesses.scheduleTimeZone ?? '',
    }),
    save: ({ rule, zone }, version) =>
      ask(
        'PATCH',
        at`/simulator/iams/${id}`,
        {
          settings: {
            ...(rule !== undefined && { sync: { cronRule: rule.trim() === '' ? null : rule.trim() } }),
            ...(zone !== undefined && { guesses: { scheduleTimeZone: zone } }),
          },
        },
        version,
      ),
    onSaved,
    done: 'The sync schedule was saved.',
  });
  return (
    <section aria-label="Sync schedule">
      <h2>Sync schedule</h2>
      <p role="status">
        {nextSync === null ? (
          'No schedule: a sync runs only when it is started manually.'
        ) : (
          <>
            The next sync of all users: <Time at={nextSync} />.
          </>
        )}
      </p>
      <EditForm edit={edit} labels={labels} button="Save schedule" class="filters">
        <label>
          Cron rule, empty for none
          <input
            spellcheck={false}
            placeholder="0 */1 * * *"
            value={edit.fields.rule}
            onInput={(event) => edit.set('rule', event.currentTarget.value)}
          />
        </label>
        <label>
          Time zone
          <input
            required
            spellcheck={false}
            value={edit.fields.zone}
            onInput={(event) => edit.set('zone', event.currentTarget.value)}
          />
        </label>
      </EditForm>
    </section>
  );
}
