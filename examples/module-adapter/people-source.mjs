// Example of a custom source: people in a JSON file, which the source reads for each lookup.
import { readFile } from 'node:fs/promises';

/**
 * Creates a source of the people in `options.file`. The file contains a list of people: {"login": "…", "active": true, "teams": ["…"], "traits":
 * {"region": ["…"]}}.
 *
 * @type {import('user-info-kit/server').CreateUserSource}
 */
export default function createUserSource(options, { log, SourceError }) {
  const { file } = options;
  if (typeof file !== 'string') throw new Error('options.file must name the JSON file');

  async function readPeople(signal) {
    try {
      return JSON.parse(await readFile(file, { encoding: 'utf8', signal }));
    } catch (error) {
      // Throws rather than returning an empty list, because an unreadable file says nothing about a user's groups.
      if (error instanceof SyntaxError) throw new SourceError('bad-answer', `${file} is not JSON.`);
      throw new SourceError('unavailable', `${file} cannot be read (${error.code}).`);
    }
  }

  log.info({ file }, 'people: ready');
  return {
    async findUser(userid, signal) {
      const found = (await readPeople(signal)).filter(({ login }) => login === userid);
      if (found.length > 1) throw new SourceError('bad-answer', `${file} contains a login twice.`);
      const [person] = found;
      if (!person?.active) return null;
      return { groups: person.teams.map((name) => ({ name })), authorizations: person.traits };
    },
    async check() {
      await readPeople();
    },
    async close() {},
  };
}
