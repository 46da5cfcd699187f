// Userid with which a merged source is called.
import type { MergedUseridConfig } from '../../../schemas/generated/loaded-server-config.ts';
import { SourceError } from '../../adapters/user-source.ts';
import { applyUseridRules } from '../../userid-rules.ts';
import { wholeMatch } from './name-rules.ts';
import type { Outcome } from './outcome.ts';

/**
 * @param asked the platform's userid.
 * @param origin result of the source that `from` names; not needed without `from`.
 * @returns `null`: the source is not requested, since it cannot know the user.
 * @throws {SourceError} the origin's own failure; 'bad-answer' when there is no value, more than one, or a value that is not a userid.
 */
export type UseridTranslation = (asked: string, origin: Outcome | null) => string | null;

/** Maximum length of a userid that a caller sends; userids are compared exactly. */
const rules = { maxBytes: 8192, trim: false, foldCase: false };

/** @param name name of the requested source, for messages. */
export function createUseridTranslation(name: string, config: MergedUseridConfig | undefined): UseridTranslation {
  if (config === undefined) return (asked) => asked;
  const { authorization = '', template, whenMissing } = config;
  const pattern = config.pattern === undefined ? null : wholeMatch(config.pattern);
  const from = config.from ?? 'the platform';

  function missing(what: string): null {
    if (whenMissing === 'not-found') return null;
    throw new SourceError(
      'bad-answer',
      `merge: ${what} does not yield a userid for ${name}. Correct the data there, or set userid.whenMissing to not-found.`,
    );
  }

  return (asked, origin) => {
    let text: string | undefined = asked;
    if (config.from !== undefined) {
      if (origin?.kind === 'failed') throw origin.error;
      if (origin?.kind !== 'found') return null;
      const values = ownValues(origin.user.authorizations, authorization);
      if (values.length > 1) {
        throw new SourceError(
          'bad-answer',
          `merge: ${from} has ${values.length} values of ${authorization}; ${name} needs exactly one.`,
        );
      }
      text = values[0];
      if (text === undefined) return missing(`${authorization} of ${from}`);
    }
    const translated = pattern === null ? text : pattern.test(text) ? text.replace(pattern, template) : null;
    if (translated === null) return missing(`the userid of ${from}, which does not match userid.pattern,`);
    const validated = applyUseridRules(translated, rules);
    if ('userid' in validated) return validated.userid;
    throw new SourceError(
      'bad-answer',
      `merge: the userid of ${from} is not a valid userid for ${name}: ${validated.refused}.`,
    );
  };
}

function ownValues(authorizations: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] {
  return Object.hasOwn(authorizations, name) ? [...new Set(authorizations[name])] : [];
}
