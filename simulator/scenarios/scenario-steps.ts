// Steps of a scenario: what each one does, and how it describes its result.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadedScenario, ScenarioStep, ScenarioUser } from '../../schemas/generated/loaded-scenario.ts';
import { FaultRuleError, parseFaultRules, writeFaultRules } from '../faults/fault-rules.ts';
import { builtInIam } from '../identities/identity-store.ts';
import { toAccess } from '../sync/access.ts';
import type { Answer } from '../sync/evaluate-response.ts';
import { loadIamSettings, readClientCredentials } from '../sync/iam-settings.ts';
import type { ListedUser } from '../sync/plan-user.ts';
import { createPlatformClient } from '../sync/platform-client.ts';
import { findDifferences, wordNames } from './expectations.ts';
import { changePeople } from './scenario-source.ts';
import { playLogin, playSync } from './scenario-syncs.ts';
import {
  mergeSettings,
  pathIn,
  replaceIn,
  type ScenarioWorld,
  StepFailure,
  scenarioActor,
  scenarioIam,
  settingsOf,
} from './scenario-world.ts';

/** Names of the actions, which are options of a step in the schema. */
export type StepKind = Exclude<keyof ScenarioStep, 'say'>;

type Handler<Kind extends StepKind> = (
  world: ScenarioWorld,
  value: NonNullable<ScenarioStep[Kind]>,
) => string | Promise<string>;

/** Each function executes its step and returns the result as text, or throws a StepFailure. */
const handlers: { readonly [Kind in StepKind]: Handler<Kind> } = {
  users(world, users) {
    const listed = users.map(toListedUser);
    world.list = { name: 'scenario', hash: JSON.stringify(users), users: listed };
    return `the identity provider has ${listed.length} ${listed.length === 1 ? 'user' : 'users'}`;
  },

  localUsers({ simulator: { identities } }, users) {
    for (const { userid, groups = [], attributes = {}, permissions = [] } of users) {
      const user = identities.users.create({ userid, name: userid, permissions }, scenarioActor);
      for (const name of groups) {
        const group = { iam: builtInIam, name };
        if (identities.groups.find(group) === null) identities.groups.create(group, scenarioActor);
        identities.groups.addMember(group, user, scenarioActor);
      }
      for (const [name, values] of Object.entries(attributes)) {
        for (const value of values) identities.attributes.add({ user }, name, value, scenarioActor);
      }
    }
    return `created ${wordNames(users.map(({ userid }) => userid))} by hand`;
  },

  migrate({ simulator: { identities } }, userids) {
    for (const userid of userids) identities.users.migrate(userid, scenarioIam, userid, scenarioActor);
    return `moved ${wordNames(userids)} from the built-in IAM`;
  },

  async people(world, change) {
    if (world.source === null) throw new StepFailure('the scenario has no `people` at its start.');
    world.people = changePeople(world.people, change);
    await world.source.write(world.people);
    return `the source has ${world.people.size} ${world.people.size === 1 ? 'user' : 'users'}`;
  },

  write(world, files) {
    for (const [name, text] of Object.entries(files)) replaceIn(world, name, text);
    return `wrote ${wordNames(Object.keys(files))}`;
  },

  copy(world, copies) {
    for (const [name, sources] of Object.entries(copies)) {
      const parts = [sources].flat().map((source) => readFile(pathIn(world, source), source));
      replaceIn(world, name, Buffer.concat(parts));
    }
    return `replaced ${wordNames(Object.keys(copies))}`;
  },

  async command({ directory, scenarioDirectory, endpoint, signal }, command) {
    const env = { ...process.env, SCENARIO_FOLDER: scenarioDirectory, ENDPOINT_URI: endpoint?.uri ?? '' };
    // Without these options, which sh lacks in part, a failure of a command before a pipe or a semicolon would be lost.
    const args = ['-e', '-o', 'pipefail', '-c', command];
    const child = spawn('bash', args, { cwd: directory, env, signal, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-500);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) {
      throw new StepFailure(`the command exited with ${code}${complaint.trim() === '' ? '' : `: ${complaint.trim()}`}`);
    }
    return 'the command exited with 0';
  },

  async endpoint({ endpoint }, state) {
    if (endpoint === null) throw new StepFailure('the scenario has no `endpoint`. Use a command.');
    await (state === 'started' ? endpoint.start() : endpoint.stop());
    return `the endpoint is ${state}`;
  },

  network(world, text) {
    try {
      world.network = text === 'whole' ? null : { rules: parseFaultRules(text) };
    } catch (error) {
      throw error instanceof FaultRuleError ? new StepFailure(`network: ${error.message}`) : error;
    }
    return world.network === null
      ? 'the network has no faults'
      : `the network: ${writeFaultRules(world.network.rules)}`;
  },

  settings(world, settings) {
    world.settings = mergeSettings(world.settings, settings);
    const whole = settingsOf(world);
    loadIamSettings(whole);
    world.simulator.identities.iams.setSettings(scenarioIam, whole, scenarioActor);
    return 'changed the settings';
  },

  async await(world, { userid, outcome, groups, attributes }) {
    const settings = loadIamSettings(settingsOf(world));
    const isAnswer = (answer: Answer) => {
      if (answer.kind !== outcome) return false;
      if (answer.kind !== 'user') return true;
      const { access } = answer;
      const is = [...access.groups, ...access.values].sort().join('\n');
      const shall = toAccess({
        groups: (groups ?? [...access.groups]).map((name) => ({ name })),
        authorizations: attributes ?? {},
      });
      const values = attributes === undefined ? access.values : shall.values;
      return is === [...shall.groups, ...values].sort().join('\n');
    };
    for (const endsAt = performance.now() + patienceMs; ; await delay(100, undefined, { signal: world.signal })) {
      // A new client is created each time, because the files in the settings can change, and persistent connections outlive a certificate.
      const client = createPlatformClient(settings, readClientCredentials(settings.externalUserInfo));
      try {
        const answer = await client.ask(userid, world.signal);
        if (isAnswer(answer)) return `the endpoint responded for ${userid}: ${outcome}`;
        if (performance.now() > endsAt) throw new StepFailure(describeMismatch(userid, answer, outcome));
      } finally {
        await client.close();
      }
    }
  },

  sync: playSync,
  login: playLogin,

  advance(world, text) {
    const [, number = '', unit = ''] = /^([1-9]\d{0,5})([dhms])$/.exec(text) ?? [];
    const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }[unit];
    if (unitMs === undefined)
      throw new StepFailure('advance must be a number followed by d, h, m or s, e.g. 7d or 90m.');
    world.clock.nowMs += Number(number) * unitMs;
    return `the time is ${new Date(world.clock.nowMs).toISOString()}`;
  },

  expect({ simulator, last }, expected) {
    const differences = findDifferences(simulator, scenarioIam, last?.summary ?? null, expected);
    if (differences.length > 0) throw new StepFailure(differences.join('\n'));
    return 'as expected';
  },
};

const patienceMs = 20_000;

/** Executes a step. @throws {StepFailure} and errors of the simulator. */
export async function playStep<Kind extends StepKind>(
  world: ScenarioWorld,
  kind: Kind,
  value: NonNullable<ScenarioStep[Kind]>,
): Promise<string> {
  return handlers[kind](world, value);
}

/** Returns the action of a step; null if it has none or several. */
export function kindOf(step: LoadedScenario['steps'][number]): StepKind | null {
  const [kind, ...others] = (Object.keys(handlers) as StepKind[]).filter((name) => step[name] !== undefined);
  return kind === undefined || others.length > 0 ? null : kind;
}

function toListedUser(user: ScenarioUser): ListedUser {
  if (typeof user === 'string') return { userid: user, name: null, email: null, access: null };
  const { userid, name = null, email = null, groups, attributes } = user;
  const hasAccess = groups !== undefined || attributes !== undefined;
  const given = { groups: (groups ?? []).map((group) => ({ name: group })), authorizations: attributes ?? {} };
  return { userid, name, email, access: hasAccess ? toAccess(given) : null };
}

function readFile(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StepFailure(`${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Describes an unexpected response. The description names groups, because the data of a scenario is in the scenario file itself. */
function describeMismatch(userid: string, answer: Answer, wanted: string): string {
  const is = answer.kind === 'user' ? `the groups ${wordNames([...answer.access.groups])}` : answer.detail;
  return `within 20 seconds, the endpoint did not respond for ${userid} as expected (${wanted}); the last result was ${answer.kind} (${is}).`;
}
