// Tests that a server stops cleanly when the disk of its log is full.
import { expect } from 'chai';
import { ask } from '../../tests/ask-server.ts';
import { stoppedAfterEach } from '../../tests/test-server.ts';

describe('a server whose log is on a full disk', () => {
  const start = stoppedAfterEach();

  it('stops normally', async () => {
    // Every write to this device fails with ENOSPC.
    const server = await start({ logging: { destination: '/dev/full' } });
    expect((await ask(server.adaUrl)).status).to.equal(200);
    expect(await server.stop()).to.equal(true);
  });
});
