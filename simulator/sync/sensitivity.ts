// Sensitivity analysis: the same responses of the endpoint, evaluated under each value of each assumption. Stores nothing.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { createCopyDirectory, openSimulator, type Simulator } from '../open-simulator.ts';
import { diffRuns } from './diff-runs.ts';
import type { EndpointAnswer } from './endpoint-answer.ts';
import { type Answer, evaluateResponse } from './evaluate-response.ts';
import { loadIamSettings, readClientCredentials } from './iam-settings.ts';
import { createPlatformClient, type PlatformClient } from './platform-client.ts';
import type { Run, RunSummary } from './run.ts';
import { runSync, type SyncEnding } from './run-sync.ts';
import type { SyncControl, SyncRequest } from './sync-request.ts';

type Guesses = LoadedIamSettings['guesses'];
type AnalysisControl = Pick<SyncControl, 'signal' | 'onProgress'>;

/** Result of a sync with one assumption changed. */
export interface SensitivityRow {
  readonly assumption: keyof Guesses;
  readonly value: string | boolean;
  /** Users whose access or outcome would differ from the result with the current settings. */
  readonly differing: number;
  readonly summary: Pick<RunSummary, 'created' | 'changed' | 'disabled' | 'losing' | 'stopped'>;
}

export interface Sensitivity {
  /** With the current settings of the IAM. */
  readonly ending: SyncEnding;
  readonly run: Pick<Run, 'iam' | 'settings'>;
  readonly summary: RunSummary;
  readonly rows: readonly SensitivityRow[];
  /** Assumptions about requests themselves, which cannot be evaluated with the same responses. */
  readonly notEvaluated: readonly string[];
}

/** Assumptions that change which requests are sent or when, or whether a response arrives. */
const aboutRequests: ReadonlySet<string> = new Set([
  ...['timeoutMs', 'retries', 'retryDelayMs', 'followRedirects', 'verifyServerCertificate', 'basicWithoutChallenge'],
  ...['spaceAs', 'maxBodyBytes', 'scheduleTimeZone', 'missedRuns'],
]);

/**
 * Requests each user once, and evaluates the responses under each value of each assumption, in a copy of the store that is deleted afterwards.
 *
 * @throws {IdentityError} @throws {SyncError} as `runSync` does. @throws the reason of the signal.
 */
export async function findSensitivity(
  simulator: Simulator,
  request: SyncRequest,
  control: AnalysisControl = {},
): Promise<Sensitivity> {
  const directory = createCopyDirectory(simulator.file);
  try {
    const file = join(directory, 'simulator.db');
    simulator.db.run('VACUUM INTO ?', [file]);
    const copy = openSimulator(file, () => Date.parse(simulator.now()));
    try {
      return await evaluate(copy, request, control);
    } finally {
      copy.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function evaluate(
  copy: Simulator,
  request: SyncRequest,
  { signal = new AbortController().signal, onProgress = () => undefined }: AnalysisControl,
): Promise<Sensitivity> {
  const settings = loadIamSettings(request.settings ?? copy.identities.iams.get(request.iam).settings);
  const answers = new Map<string, Answer | EndpointAnswer>();
  const client = createPlatformClient(settings, readClientCredentials(settings.externalUserInfo), request.faults);
  const dry = { ...request, dryRun: true };
  const base = await runSync(copy, { ...dry, client: recordAnswers(client, answers) }, { signal, onProgress });
  signal.throwIfAborted();
  const rows: SensitivityRow[] = [];
  if (base.ending === 'dry-run') {
    for (const [assumption, value] of listVariants(settings.guesses)) {
      const changed = { ...settings, guesses: { ...settings.guesses, [assumption]: value } };
      const replay = replayAnswers(changed, answers);
      const { run, summary } = await runSync(copy, { ...dry, settings: changed, client: replay }, { signal });
      // An interrupted evaluation has counted only some of the users.
      signal.throwIfAborted();
      const { created, disabled, losing, stopped } = summary;
      let differing = 0;
      for (const _difference of diffRuns(copy.runs, base.run.id, run.id)) differing++;
      rows.push({
        assumption,
        value,
        differing,
        summary: { created, changed: summary.changed, disabled, losing, stopped },
      });
      copy.runs.delete(run.id);
    }
  }
  return {
    ending: base.ending,
    run: { iam: request.iam, settings },
    summary: base.summary,
    rows,
    notEvaluated: Object.keys(settings.guesses).filter((name) => aboutRequests.has(name)),
  };
}

/** Yields each assumption with each value other than the current one, as listed in the schema. */
function* listVariants(guesses: Guesses): Generator<readonly [keyof Guesses, string | boolean]> {
  const { $defs } = readSchema('iam-settings.schema.json') as unknown as {
    readonly $defs: {
      readonly guesses: { readonly properties: Readonly<Record<string, { enum?: string[]; type?: string }>> };
    };
  };
  for (const [name, { enum: words, type }] of Object.entries($defs.guesses.properties)) {
    if (aboutRequests.has(name)) continue;
    const values = words ?? (type === 'boolean' ? [true, false] : []);
    const assumption = name as keyof Guesses;
    for (const value of values) if (value !== guesses[assumption]) yield [assumption, value];
  }
}

function recordAnswers(client: PlatformClient, answers: Map<string, Answer | EndpointAnswer>): PlatformClient {
  return {
    ...client,
    async fetch(userid, signal, onBackOff) {
      const answer = await client.fetch(userid, signal, onBackOff);
      answers.set(userid, answer);
      return answer;
    },
  };
}

function replayAnswers(
  settings: LoadedIamSettings,
  answers: ReadonlyMap<string, Answer | EndpointAnswer>,
): PlatformClient {
  const fetch = async (userid: string) => {
    const answer = answers.get(userid);
    if (answer === undefined) throw new Error('a user was not requested before');
    return answer;
  };
  return {
    faultsSeen: {},
    fetch,
    async ask(userid) {
      const answer = await fetch(userid);
      return 'body' in answer ? evaluateResponse(answer, settings) : answer;
    },
    close: async () => undefined,
  };
}
