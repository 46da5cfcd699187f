// Members of a group in the console: paged, searchable by name or e-mail, added and removed.
import { useState } from 'preact/hooks';
import type { MemberDetailsBody } from '../api/group-handlers.ts';
import { Combobox } from './combobox.tsx';
import { Empty, ErrorNotice, Show, useAction, useLoaded } from './loaded.tsx';
import { Panel } from './panel.tsx';
import { linkTo, setQuery, useRoute } from './route.ts';
import { SearchField } from './search-field.tsx';
import { ask, at } from './server.ts';
import { Origins, Pager, Table } from './table.tsx';

const pageSize = 25;

interface Candidate {
  readonly id: number;
  readonly userid: string;
  readonly iamid: string;
  readonly name: string;
  readonly email: string | null;
}

interface GroupMembersProps {
  readonly id: number;
  readonly onChanged: () => void;
}

export function GroupMembers({ id, onChanged }: GroupMembersProps) {
  const { query } = useRoute();
  const search = query.get('member') ?? '';
  const offset = Number(query.get('offset') ?? 0);
  const page = new URLSearchParams({ search, size: String(pageSize), offset: String(offset) });
  const { loaded, reload } = useLoaded<{ hits: MemberDetailsBody[]; count: number }>(
    `${at`/simulator/groups/${id}/members`}?${page}`,
  );
  const { isBusy, refusal, act } = useAction();
  const change = async (work: () => Promise<unknown>, done: string) => {
    if (!(await act(work, done))) return;
    reload();
    onChanged();
  };
  return (
    <>
      <h2>Members</h2>
      <form class="filters" aria-label="Filter the members" onSubmit={(event) => event.preventDefault()}>
        <SearchField
          label="Member name or e-mail"
          value={search}
          onChange={(member) => setQuery({ member, offset: '' })}
        />
      </form>
      <Show of={loaded}>
        {({ hits, count }) =>
          count === 0 ? (
            <Empty>{search === '' ? 'No members.' : 'No member matches.'}</Empty>
          ) : (
            <>
              <Table
                caption="Members"
                head={['User name', 'Name', 'E-mail', 'IAM', 'Given by', 'Action']}
                rows={hits.map((member) => ({
                  key: member.id,
                  cells: [
                    <a key="link" href={linkTo('users', member.iamid, member.userid)}>
                      {member.userid}
                    </a>,
                    <>
                      {member.name} {member.disabled && <span class="badge off">disabled</span>}
                    </>,
                    member.email ?? '',
                    member.iamid,
                    <Origins key="origins" of={member.origins} />,
                    member.isRemovable ? (
                      <button
                        key="remove"
                        type="button"
                        class="quiet"
                        disabled={isBusy}
                        aria-label={`Remove ${member.userid}`}
                        onClick={() =>
                          change(() => ask('DELETE', at`/bim/group/${id}/user/${member.id}`), describeRemoval(member))
                        }
                      >
                        Remove
                      </button>
                    ) : (
                      <span class="hint">change it in the {member.origins.join(' and the ')}</span>
                    ),
                  ],
                }))}
              />
              <Pager offset={offset} size={pageSize} count={count} />
            </>
          )
        }
      </Show>
      {refusal !== null && <ErrorNotice>{refusal}</ErrorNotice>}
      <Panel id="add-members" title="Add members">
        <AddMember
          id={id}
          onChoose={({ userid, iamid }) =>
            change(() => ask('POST', at`/bim/group/${id}/user`, { userid, iamid }), `${userid} was added to the group.`)
          }
        />
      </Panel>
    </>
  );
}

function describeRemoval({ userid, origins }: MemberDetailsBody): string {
  const others = origins.filter((origin) => origin !== 'platform');
  if (others.length === 0) return `${userid} was removed from the group.`;
  return `The membership given by the platform was removed. ${userid} remains a member through the ${others.join(' and the ')}.`;
}

interface AddMemberProps {
  readonly id: number;
  readonly onChoose: (user: Candidate) => unknown;
}

function AddMember({ id, onChoose }: AddMemberProps) {
  const [text, setText] = useState('');
  return (
    <Combobox
      label="Search by member name or e-mail"
      value={text}
      onInput={setText}
      suggest={async (search) => {
        const query = new URLSearchParams({ search, size: '10' });
        const { hits } = await ask<{ hits: Candidate[] }>('GET', `${at`/simulator/groups/${id}/candidates`}?${query}`);
        return hits.map((user) => ({
          ...user,
          key: user.id,
          text: user.name,
          note: `${user.userid}${user.email === null || user.email === user.userid ? '' : `, ${user.email}`} of ${user.iamid}`,
        }));
      }}
      onChoose={(user) => {
        setText('');
        onChoose(user);
      }}
      nothing="No enabled user outside the group matches."
    />
  );
}
