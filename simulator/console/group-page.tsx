// Page of a group in the console: name, attributes, members, editing and deleting.
import { useState } from 'preact/hooks';
import type { toGroupBody } from '../api/wire.ts';
import { AttributeEditor } from './attribute-editor.tsx';
import { AuditList } from './audit-list.tsx';
import { EditForm, useEdit } from './edit-form.tsx';
import { GroupMembers } from './group-members.tsx';
import { ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { linkTo } from './route.ts';
import { ask, at, type Versioned } from './server.ts';

export type GroupBody = ReturnType<typeof toGroupBody>;

const tabs = [
  ['settings', 'Settings'],
  ['audit', 'Audit'],
] as const;

interface GroupPageProps {
  readonly id: number;
  readonly tab: string;
}

export function GroupPage({ id, tab }: GroupPageProps) {
  const { loaded, reload } = useLoaded<GroupBody>(at`/bim/group/${id}`);
  return (
    <Show of={loaded}>
      {(group, version) => (
        <>
          <p class="trail">
            <a href={linkTo('groups')}>Groups</a> / {group.iamid}
          </p>
          <h1>{group.name}</h1>
          <nav class="tabs" aria-label="Details">
            {tabs.map(([to, title]) => (
              <a key={to} href={linkTo('groups', id, to)} aria-current={tab === to ? 'page' : undefined}>
                {title}
              </a>
            ))}
          </nav>
          {tab === 'audit' ? (
            <AuditList kind="group" iam={group.iamid} target={group.name} />
          ) : (
            <GroupSettings group={{ data: group, version }} reload={reload} />
          )}
        </>
      )}
    </Show>
  );
}

interface GroupSettingsProps {
  readonly group: Versioned<GroupBody>;
  readonly reload: () => void;
}

function GroupSettings({ group, reload }: GroupSettingsProps) {
  const { id, name, iamid, description, email, members, authorizations } = group.data;
  return (
    <>
      <dl>
        <dt>Description</dt>
        <dd>{description ?? '–'}</dd>
        <dt>E-mail</dt>
        <dd>{email ?? '–'}</dd>
        <dt>Members</dt>
        <dd>{members}</dd>
      </dl>
      <Panel id="edit" title="Edit the group">
        <GroupForm group={group} onSaved={reload} />
      </Panel>
      <h2>Attributes</h2>
      <AttributeEditor
        path={at`/bim/iam/${iamid}/group/${id}`}
        rows={Object.entries(authorizations ?? {}).flatMap(([attribute, values]) =>
          values.map((value) => ({ name: attribute, value, iam: 'bim', origins: ['platform'] })),
        )}
        onChanged={reload}
      />
      <GroupMembers id={id} onChanged={reload} />
      <Delete name={name} id={id} />
    </>
  );
}

const labels = { name: 'Name', description: 'Description', email: 'E-mail' };

function GroupForm({ group, onSaved }: { readonly group: Versioned<GroupBody>; readonly onSaved: () => void }) {
  const edit = useEdit({
    resource: group,
    toFields: ({ name, description, email }: GroupBody) => ({
      name,
      description: description ?? '',
      email: email ?? '',
    }),
    save: (changes, version) => {
      const body = Object.entries(changes).map(([field, text]) => [field, text === '' ? null : text]);
      return ask('PUT', at`/bim/group/${group.data.id}`, Object.fromEntries(body), version);
    },
    onSaved,
    done: 'The group was saved.',
  });
  return (
    <EditForm edit={edit} labels={labels} button="Save">
      <label>
        Name
        <input required value={edit.fields.name} onInput={(event) => edit.set('name', event.currentTarget.value)} />
      </label>
      <label>
        Description
        <input
          value={edit.fields.description}
          onInput={(event) => edit.set('description', event.currentTarget.value)}
        />
      </label>
      <label>
        E-mail
        <input
          type="email"
          value={edit.fields.email}
          onInput={(event) => edit.set('email', event.currentTarget.value)}
        />
      </label>
    </EditForm>
  );
}

/** Deletes the group after a confirmation. */
function Delete({ name, id }: { readonly name: string; readonly id: number }) {
  const [isAsked, setAsked] = useState(false);
  const { isBusy, refusal, act } = useAction();
  const remove = async () => {
    if (await act(() => ask('DELETE', at`/bim/group/${id}`), `The group ${name} was deleted.`)) {
      location.hash = linkTo('groups');
    }
  };
  return (
    <>
      <h2>Delete the group</h2>
      <p class="actions">
        <button type="button" class="danger" aria-expanded={isAsked} onClick={() => setAsked(!isAsked)}>
          Delete group …
        </button>
        {isAsked && (
          <button type="button" class="danger" disabled={isBusy} onClick={remove}>
            Delete {name}
          </button>
        )}
      </p>
      {isAsked && <p class="hint">Its members stay users. They lose the group and its attributes.</p>}
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
    </>
  );
}
