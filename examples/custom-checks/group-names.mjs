// Custom check of a company: group names begin with a department, so that policies can rely on this prefix.
const departments = ['finance', 'research', 'sales'];
const groupName = new RegExp(`^(?:${departments.join('|')})-[a-z0-9-]+$`);

/** @type {import('user-info-kit/conformance').CreateChecks} */
export default ({ defineCheck, assertConforms, readUserInfo }) => [
  defineCheck({
    id: 'acme-group-names',
    title: 'MUST name groups after a department, such as finance-analysts',
    level: 'MUST',
    why: 'Policies on the data platform select groups by the name of the department. A group with another name gets no access.',
    fix: 'Rename the group in the directory, or map its name in the endpoint.',
    async run({ options, askOnce }) {
      for (const userid of options.knownUsers) {
        const answer = await askOnce({ userids: [userid] });
        const { groups } = readUserInfo(answer);
        const wrong = groups.filter(({ name }) => !groupName.test(name));
        // The message contains only the number, because group names do not belong in reports.
        assertConforms(wrong.length === 0, {
          asked: 'a known user',
          expected: `groups whose names begin with ${departments.join(', ')} and a hyphen`,
          seen: `${wrong.length} of ${groups.length} groups with another name`,
          change: 'rename the group in the directory, or map its name in the endpoint',
          answers: [answer],
        });
      }
    },
  }),
];
