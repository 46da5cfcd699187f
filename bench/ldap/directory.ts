// LDAP directory of the benchmark: a slapd on loopback with indexed users and groups.
import { type Slapd, startSlapd } from '../../tests/services/slapd.ts';

const suffix = 'dc=example,dc=test';
export const peopleBase = `ou=people,${suffix}`;
export const groupsBase = `ou=groups,${suffix}`;
export const useridOf = (index: number) => `user${index}@example.com`;

/** Each user is in one group, so that a group search finds exactly one. */
export function startBenchDirectory(users: number, groups: number): Promise<Slapd> {
  const records = [
    `dn: ${peopleBase}\nobjectClass: organizationalUnit\nou: people\n`,
    `dn: ${groupsBase}\nobjectClass: organizationalUnit\nou: groups\n`,
  ];
  const dnOf = (index: number) => `uid=user${index},${peopleBase}`;
  for (let index = 0; index < users; index++) {
    records.push(
      `dn: ${dnOf(index)}\nobjectClass: inetOrgPerson\nuid: user${index}\ncn: user ${index}\nsn: user\nmail: ${useridOf(index)}\ndepartmentNumber: ${index % 50}\n`,
    );
  }
  for (let group = 0; group < groups; group++) {
    const members: string[] = [];
    for (let index = group; index < users; index += groups) members.push(`member: ${dnOf(index)}`);
    records.push(
      `dn: cn=group${group},${groupsBase}\nobjectClass: groupOfNames\ncn: group${group}\n${members.join('\n')}\n`,
    );
  }
  // By default, slapd closes an anonymous connection with 100 pending requests, which a pause on either side can cause.
  return startSlapd({ ldif: records.join('\n'), suffix, schema: ['conn_max_pending 1000'] });
}
