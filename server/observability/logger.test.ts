// Tests of the log of the process: no line is lost at the end.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchDirectory } from '../../tests/certificate-files.ts';
import { openLog } from './logger.ts';

describe('a log that is closed', () => {
  it('contains its last line even when an empty write is in flight', async () => {
    const destination = join(scratchDirectory(), 'server.log');
    const log = await openLog({ level: 'info', destination });
    log.createWriter(() => '')(null);
    // A timer of the same duration, created later, runs in the same phase of the event loop as the flush. At that time, the write of the flush is
    // still in flight.
    await new Promise<void>((resolve) => setTimeout(resolve, 20));
    log.logger.info('stopped');
    await log.close();
    expect(JSON.parse(readFileSync(destination, 'utf8'))).to.include({ msg: 'stopped' });
  });
});
