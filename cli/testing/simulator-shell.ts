// Runs `user-info simulate` as processes in one directory with one store, and reads that store, for tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../../simulator/open-simulator.ts';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { type CliOutcome, runCli } from '../../tests/run-cli.ts';

export interface SimulatorShell {
  readonly directory: string;
  readonly store: string;
  /** @returns the path of the file. */
  write(name: string, text: string): string;
  run(...args: string[]): Promise<CliOutcome>;
  /** @returns the output; the test fails with the whole output if the command fails. */
  succeed(...args: string[]): Promise<string>;
  /** Reads or prepares the store without a process. */
  inStore<Result>(work: (simulator: Simulator) => Result): Result;
  /** Creates the IAM `okta` with this endpoint; `others` are additional settings. */
  createOkta(uri: string, others?: object): void;
}

export function createSimulatorShell(): SimulatorShell {
  const directory = scratchDirectory();
  const store = join(directory, 'simulator.db');
  const run = (...args: string[]) => runCli(['simulate', ...args, '--store', store]);
  function inStore<Result>(work: (simulator: Simulator) => Result): Result {
    const simulator = openSimulator(store);
    try {
      return work(simulator);
    } finally {
      simulator.close();
    }
  }
  return {
    directory,
    store,
    write(name, text) {
      const file = join(directory, name);
      writeFileSync(file, text);
      return file;
    },
    run,
    async succeed(...args) {
      const { exitCode, stdout, stderr } = await run(...args);
      expect([exitCode, stderr], stdout).to.deep.equal([0, '']);
      return stdout;
    },
    inStore,
    createOkta(uri, others = {}) {
      const settings = { externalUserInfo: { uri }, ...others };
      inStore(({ identities }) => identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, 'test'));
    },
  };
}
