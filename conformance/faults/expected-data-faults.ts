// Faults of endpoints whose responses are well-formed but differ from the data source.
import type { UserInfo } from '../../schemas/generated/user-info.ts';
import { empty, type Fault } from './fault.ts';

function changesUser(name: string, trips: readonly string[], change: (user: UserInfo) => UserInfo): Fault {
  return {
    name,
    auth: 'none',
    trips,
    alter: (good) => ({
      async findUser(userid) {
        const user = await good.findUser(userid);
        return user && change(user);
      },
    }),
  };
}

export const expectedDataFaults: readonly Fault[] = [
  changesUser('first-page-of-groups', ['expected-groups'], (user) => ({ ...user, groups: user.groups.slice(0, 1) })),
  changesUser('group-too-many', ['expected-groups'], (user) => ({
    ...user,
    groups: [...user.groups, { name: 'all' }],
  })),
  changesUser('attributes-not-asked-for', ['expected-authorizations'], (user) => ({ ...user, authorizations: {} })),
  {
    name: 'expected-user-unknown',
    auth: 'none',
    trips: ['expected-user-200'],
    options: { expectedData: { 'canary-eve@example.test': empty } },
    alter: () => ({}),
  },
];
