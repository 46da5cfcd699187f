// Test users of the experiments: their names, and the user list that the identity provider needs.

/** Data that the identity provider assigns to every test user, so that the merge with the endpoint's data is visible. */
export const provided = {
  group: 'learn-provided',
  /** Both spellings of one name: the platform may store attribute names in upper or lower case. */
  attributes: [
    ['learnprovided', 'provided-lower'],
    ['LEARNPROVIDED', 'provided-upper'],
  ],
} as const;

const plainCount = 300;
const spacedCount = 3;

export interface TestUsers {
  readonly plain: readonly string[];
  /** Users whose names contain a space, for testing the encoding of the query. */
  readonly spaced: readonly string[];
  /** Users whose names contain a plus sign, an at sign, or a letter beyond ASCII. */
  readonly marked: readonly string[];
}

/** @param prefix prefix of every name, which no real user name may have. */
export function nameTestUsers(prefix: string): TestUsers {
  const name = (at: number) => `${prefix}${String(at + 1).padStart(3, '0')}`;
  return {
    plain: Array.from({ length: plainCount }, (_, at) => name(at)),
    spaced: Array.from({ length: spacedCount }, (_, at) => `${prefix}space ${at + 1}`),
    marked: ['plus+1', 'at@1', 'accent-\u00e9'].map((rest) => prefix + rest),
  };
}

/** Returns the user list as CSV, in the form that `simulate` reads. */
export function writeTestUserList(prefix: string): string {
  const { plain, spaced, marked } = nameTestUsers(prefix);
  const rows = [...plain, ...spaced, ...marked].flatMap((userid) => [
    `${userid},${provided.group},,`,
    ...provided.attributes.map(([name, value]) => `${userid},,${name},${value}`),
  ]);
  return `${['userid,group,attribute,value', ...rows].join('\n')}\n`;
}
