// Interface of a scenario's data source: the scenario changes its people, and the endpoint reads them.
import type { LoadedScenario, ScenarioPeople, ScenarioPerson } from '../../schemas/generated/loaded-scenario.ts';

/** User name → what the source has of the user. */
export type People = ReadonlyMap<string, ScenarioPerson>;

export interface ScenarioSource {
  /** The option `source` of the endpoint's configuration. */
  readonly config: object;
  /** Replaces all that it holds. Resolves when whoever asks it from now on sees the new state. */
  write(people: People): Promise<void>;
  close(): Promise<void>;
}

/** Who is named is so from now on; null: is gone. */
export function changePeople(people: People, change: ScenarioPeople): People {
  const changed = new Map(people);
  for (const [userid, person] of Object.entries(change)) {
    if (person === null) changed.delete(userid);
    else changed.set(userid, person);
  }
  return changed;
}

/** Each attribute that somebody has in the scenario, at its beginning or later. */
export function listAttributeNames({ people = {}, steps }: LoadedScenario): string[] {
  const all = [people, ...steps.map((step) => step.people ?? {})].flatMap((some) => Object.values(some));
  return [...new Set(all.flatMap((person) => Object.keys(person?.attributes ?? {})))].sort();
}
