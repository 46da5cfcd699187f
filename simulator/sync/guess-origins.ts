// Origin of each assumption behind a result: measured with a platform, or guessed.
import type { LoadedIamSettings } from '../../schemas/generated/loaded-iam-settings.ts';
import type { Run } from './run.ts';

/** When and with which platform an assumption was measured. */
export interface Measurement {
  /** Name and version. */
  readonly platform: string;
  /** Day, in UTC. */
  readonly date: string;
  /** Last day on which it is considered valid, in UTC. */
  readonly validUntil: string;
  /** Whether the last day of validity had passed at the time of the result. */
  readonly isExpired: boolean;
  /**
   * Whether a proxy or load balancer took part in the experiment, so that the value may describe the intermediary instead of the platform. Default:
   * false.
   */
  readonly throughIntermediary?: boolean;
}

/** Measurements by name of the assumption; a missing assumption was not measured. */
export type Measurements = Readonly<Record<string, Measurement>>;

/** Assumptions of one origin. */
export interface GuessGroup {
  /** Null: not measured. */
  readonly measurement: Measurement | null;
  readonly guesses: ReadonlyArray<readonly [name: string, value: unknown]>;
}

/**
 * Returns the assumptions that have the value of the platform profile. An assumption that was changed afterwards is a guess again.
 *
 * @param at time of the result, ISO 8601.
 */
export function findMeasurements(
  { guesses, platformProfile }: Pick<LoadedIamSettings, 'guesses' | 'platformProfile'>,
  at: string,
): Measurements {
  if (platformProfile === undefined) return {};
  const { platform, facts } = platformProfile;
  const today = at.slice(0, '2026-12-01'.length);
  return Object.fromEntries(
    Object.entries(guesses).flatMap(([name, value]) => {
      const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
      if (fact === undefined || fact.value !== value) return [];
      const { date, validUntil, throughIntermediary } = fact;
      const isExpired = today > validUntil;
      return [[name, { platform, date, validUntil, isExpired, ...(throughIntermediary && { throughIntermediary }) }]];
    }),
  );
}

/** Returns the assumptions of a run, and which of them were measured. */
export function assumedBy({ settings, startedAt }: Pick<Run, 'settings' | 'startedAt'>): {
  readonly guesses: LoadedIamSettings['guesses'];
  readonly measured: Measurements;
} {
  return { guesses: settings.guesses, measured: findMeasurements(settings, startedAt) };
}

/** Groups assumptions by their origin: valid measurements first, then expired ones, then unmeasured assumptions. Omits empty groups. */
export function groupGuesses(guesses: object, measurements: Measurements): GuessGroup[] {
  const groups = new Map<string, { measurement: Measurement; guesses: Array<readonly [string, unknown]> }>();
  const unmeasured: Array<readonly [string, unknown]> = [];
  for (const [name, value] of Object.entries(guesses)) {
    const measurement = Object.hasOwn(measurements, name) ? measurements[name] : undefined;
    if (measurement === undefined) {
      unmeasured.push([name, value]);
      continue;
    }
    const key = wordMeasurement(measurement);
    const group = groups.get(key) ?? { measurement, guesses: [] };
    group.guesses.push([name, value]);
    groups.set(key, group);
  }
  const measured = [...groups.values()];
  return [
    ...measured.filter(({ measurement }) => !measurement.isExpired),
    ...measured.filter(({ measurement }) => measurement.isExpired),
    ...(unmeasured.length === 0 ? [] : [{ measurement: null, guesses: unmeasured }]),
  ];
}

/** Returns e.g. "Measured on 2026-12-01 with Immuta 2024.3, seen through an intermediary". */
export function wordMeasurement({ platform, date, validUntil, isExpired, throughIntermediary }: Measurement): string {
  const caveat = throughIntermediary ? ', seen through an intermediary' : '';
  return `Measured on ${date} with ${platform}${caveat}${isExpired ? `, expired (valid until ${validUntil})` : ''}`;
}
