// Owns the checks of the one answer that matters most: the 200 of a known user, from its status to its schema.
import type { Check, Topic } from '../check.ts';
import type { CheckContext } from '../check-context.ts';
import { Untestable } from '../check-endings.ts';
import { assertConforms, describeAnswer, findMediaType } from '../finding.ts';
import { NoAnswer } from '../no-answer.ts';
import type { Answer } from '../question.ts';
import { decodeBody, explainInvalidJson, findJson, findSchemaFault, isUtf8 } from '../user-info-body.ts';

const asked = 'a known user, with the right credentials';

/** The 200 that the checks of this file share. Throws Untestable when it is none. */
async function askKnownUser(context: CheckContext): Promise<Answer> {
  const answer = await context.askOnce({ userids: [context.knownUser] });
  if (answer.status !== 200) throw new Untestable('The known user was not answered with 200: see known-user-200.');
  return answer;
}

const status: Check = {
  id: 'known-user-200',
  level: 'MUST',
  title: 'MUST answer a known user with 200',
  platformVerdict: 'refused',
  source: 'User info contract, the call: 200 carries the user info, anything else means that it could not be retrieved',
  why: 'With anything else the platform has no user info for this user.',
  mend: [
    {
      stack: 'any',
      text: 'Check that the user exists in the source and is enabled, that the path is right and that the source works. A user without groups gets 200 too, with [] and {}.',
    },
  ],
  needs: ['known-user'],
  async run(context) {
    const finding = {
      asked,
      expected: 'status 200',
      change:
        'check that the user exists in the source and is enabled, that the path is right and that the source works; a user without groups gets 200 too, with [] and {}',
    };
    try {
      const answer = await context.askOnce({ userids: [context.knownUser] });
      assertConforms(answer.status === 200, { ...finding, seen: describeAnswer(answer) });
    } catch (error) {
      if (!(error instanceof NoAnswer) || error.kind === 'unreachable') throw error;
      assertConforms(false, { ...finding, seen: `no answer (${error.code})` });
    }
  },
};

const contentType: Check = {
  id: 'known-user-content-type',
  level: 'SHOULD',
  title: 'SHOULD send a 200 as application/json',
  platformVerdict: 'refused',
  source: 'RFC 9110, 8.3; RFC 8259, 11',
  why: 'Many HTTP clients parse a body as JSON only when it is declared as such.',
  mend: [
    { stack: 'any', text: 'Set the header Content-Type to application/json.' },
    { stack: 'express', text: 'Use res.json instead of res.send with a string.' },
    { stack: 'flask', text: 'Return jsonify(…) instead of json.dumps(…).' },
    { stack: 'go', text: 'Set the header before the first byte is written: Go guesses text/plain from the content.' },
  ],
  needs: ['known-user'],
  async run(context) {
    const answer = await askKnownUser(context);
    assertConforms(findMediaType(answer) === 'application/json', {
      asked,
      expected: 'Content-Type: application/json',
      seen: describeAnswer(answer),
      change: 'set the header Content-Type to application/json',
    });
  },
};

const utf8: Check = {
  id: 'known-user-utf-8',
  level: 'MUST',
  title: 'MUST send a 200 in UTF-8',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 8259, 8.1',
  why: 'Names with other than ASCII letters arrive broken, and then match no group and no policy.',
  mend: [{ stack: 'any', text: 'Encode the body as UTF-8, and read the source in the encoding that it has.' }],
  needs: ['known-user'],
  async run(context) {
    const { body } = await askKnownUser(context);
    assertConforms(isUtf8(body), {
      asked,
      expected: 'a body in UTF-8',
      seen: 'bytes that are no UTF-8, as Latin-1 or UTF-16 would be',
      change: 'encode the body as UTF-8: names with other than ASCII letters arrive broken otherwise',
    });
  },
};

const strictJson: Check = {
  id: 'known-user-json',
  level: 'MUST',
  title: 'MUST send a 200 whose body is one JSON text, by the letter of the standard',
  platformVerdict: 'refused',
  source: 'RFC 8259, 2',
  why: 'A strict parser takes no user info from it. The published sample has trailing commas, and is no JSON either.',
  mend: [{ stack: 'any', text: 'Write the body with a JSON library instead of a text template.' }],
  needs: ['known-user'],
  async run(context) {
    const text = decodeBody((await askKnownUser(context)).body);
    if (findJson(text)) return;
    assertConforms(false, { asked, expected: 'a body that a strict JSON parser takes', ...explainInvalidJson(text) });
  },
};

const schema: Check = {
  id: 'known-user-schema',
  level: 'MUST',
  title: 'MUST send groups and authorizations in the shape of the contract',
  platformVerdict: 'silently-wrong-access',
  source:
    'User info contract, the 200 body: user-info.schema.json, with --profile lenient user-info-lenient.schema.json',
  why: 'What the platform makes of another shape is documented nowhere: it may read it as no groups at all.',
  mend: [
    {
      stack: 'any',
      text: 'Send {"groups": [{"name": "…"}], "authorizations": {"…": ["…"]}}, and [] and {} for a user who has none.',
    },
  ],
  needs: ['known-user'],
  async run(context) {
    const json = findJson(decodeBody((await askKnownUser(context)).body));
    if (!json) throw new Untestable('The body is no JSON: see known-user-json.');
    const fault = findSchemaFault(json.value, context.profile);
    if (fault) {
      assertConforms(false, { asked, expected: `a body that holds the schema, ${context.profile} profile`, ...fault });
    }
  },
};

const noStore: Check = {
  id: 'known-user-no-store',
  level: 'SHOULD',
  title: 'SHOULD forbid caches to store a 200',
  platformVerdict: 'silently-wrong-access',
  source: 'RFC 9111, 5.2.2.5',
  why: 'A cache in between could give one user the access of another, or of yesterday.',
  mend: [
    { stack: 'any', text: 'Send Cache-Control: no-store.' },
    { stack: 'nginx', text: 'Add add_header Cache-Control no-store always; and no proxy_cache for this path.' },
  ],
  needs: ['known-user'],
  async run(context) {
    const directives = (await askKnownUser(context)).header('cache-control') ?? '';
    assertConforms(/(?:^|,)\s*no-store\s*(?:,|$)/i.test(directives), {
      asked,
      expected: 'Cache-Control with no-store',
      seen: directives === '' ? 'no such header' : 'the header without no-store',
      change:
        'send Cache-Control: no-store: a cache in between could give one user the access of another, or of yesterday',
    });
  },
};

export const knownUser: Topic = {
  title: 'A known user',
  checks: [status, contentType, utf8, strictJson, schema, noStore],
};
