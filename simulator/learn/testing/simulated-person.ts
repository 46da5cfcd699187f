// A person in front of a simulated platform, for tests: triggers syncs, and reads what the platform shows.
import type { Operator } from '../operator-driver.ts';
import type { PlatformDriver, StepPlan } from '../platform-driver.ts';
import { noSpelling, type Question } from '../questions.ts';

export interface Person {
  /** Presses Sync for one user. Resolves when the platform shows that the sync has ended, or failed. */
  press(userid: string): Promise<void>;
  /** Returns the correct answer to a question once the sync has ended. */
  answer(question: Question, userid: string): Promise<string>;
}

const anyPlan: StepPlan = { experiment: '', step: 1, of: 1, action: '', expects: 'request', questions: [] };

/** @param platform the REST API of the platform, which replaces its user interface. */
export function createPerson(platform: PlatformDriver): Person {
  let pressed: Promise<void> = Promise.resolve();
  const users = new Set<string>();
  return {
    press(userid) {
      users.add(userid);
      const ended = () => undefined;
      pressed = platform.sync(userid, anyPlan).then(ended, ended);
      return pressed;
    },
    async answer({ kind, names }, userid) {
      await pressed;
      if (kind === 'ended') return 'yes';
      if (kind === 'any-disabled') {
        const all = await Promise.all([...users].map((name) => platform.readUser(name, anyPlan)));
        return all.some((user) => user?.isDisabled) ? 'yes' : 'no';
      }
      const user = await platform.readUser(userid, anyPlan);
      if (kind === 'state') return user === null ? 'missing' : user.isDisabled ? 'disabled' : 'enabled';
      const { groups = [], authorizations = {} } = user ?? {};
      if (kind === 'group-case') return names.find((name) => groups.includes(name)) ?? noSpelling;
      if (kind === 'attribute-case') return names.find((name) => Object.hasOwn(authorizations, name)) ?? noSpelling;
      const values = Object.entries(authorizations).flatMap(([name, list]) => list.map((value) => `${name}=${value}`));
      const all = new Set([...groups, ...values].map((name) => name.toLowerCase()));
      return names.every((name) => all.has(name.toLowerCase())) ? 'yes' : 'no';
    },
  };
}

/** Creates the operator's interface of the person, without a terminal. */
export function createPersonOperator(person: Person): Operator & { readonly said: readonly string[] } {
  const said: string[] = [];
  let last = '';
  let pressed: Promise<void> = Promise.resolve();
  return {
    said,
    say: (text) => said.push(text),
    act(userid, { experiment, step }, signal) {
      const now = `${experiment} ${step} ${userid}`;
      // If this is called again for the same step, a request without credentials has arrived in the meantime, so Sync is not pressed again.
      if (now !== last) pressed = person.press(userid);
      last = now;
      return new Promise((resolve) => {
        if (signal.aborted) resolve('waits');
        signal.addEventListener('abort', () => resolve('waits'));
        pressed.then(() => {
          // Another try of this step presses Sync again, even for the same user.
          if (last === now) last = '';
          resolve('nothing comes');
        });
      });
    },
    ask(question, userid) {
      // An experiment may use a user again in the same step.
      last = '';
      return person.answer(question, userid);
    },
    askIntermediary: async () => null,
    confirmTestUsersOnly: async () => true,
  };
}
