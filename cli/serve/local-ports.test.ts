// Tests of waiting for a process to listen: the wait stops when the process has ended, whatever the cause.
import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { StepFailure } from '../../simulator/scenarios/scenario-world.ts';
import { findFreePort, untilListening } from './local-ports.ts';

describe('waiting for a process to listen', () => {
  for (const [end, script] of [
    ['an exit code', 'echo no such file >&2; exit 3'],
    ['a signal', 'echo no such file >&2; kill -9 $$'],
  ] as const) {
    it(`stops when the process ends by ${end}, and reports its error output`, async () => {
      const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'ignore', 'pipe'] });
      const failure = await untilListening(child, await findFreePort(), 'the endpoint').catch(
        (error: unknown) => error,
      );
      expect(failure).to.be.instanceOf(StepFailure);
      expect((failure as StepFailure).message).to.equal('the endpoint did not start: no such file');
    });
  }
});
