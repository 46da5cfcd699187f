// Interface of a scenario's data source: the scenario changes the people in the source, and the endpoint reads them.
import type { LoadedScenario, ScenarioPeople, ScenarioPerson } from '../../schemas/generated/loaded-scenario.ts';

/** Map from user name to the data of the user in the source. */
export type People = ReadonlyMap<string, ScenarioPerson>;

export interface ScenarioSource {
  /** Value of `source` in the endpoint's configuration. */
  readonly config: object;
  /** Replaces the whole content. Resolves once every new request sees the new state. */
  write(people: People): Promise<void>;
  close(): Promise<void>;
}

/** Replaces the data of the given users; null removes a user. */
export function changePeople(people: People, change: ScenarioPeople): People {
  const changed = new Map(people);
  for (const [userid, person] of Object.entries(change)) {
    if (person === null) changed.delete(userid);
    else changed.set(userid, person);
  }
  return changed;
}

/** Returns all attributes that a person has in the scenario, at its start or later. */
export function listAttributeNames({ people = {}, steps }: LoadedScenario): string[] {
  const all = [people, ...steps.map((step) => step.people ?? {})].flatMap((some) => Object.values(some));
  return [...new Set(all.flatMap((person) => Object.keys(person?.attributes ?? {})))].sort();
}
