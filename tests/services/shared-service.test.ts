// Tests that test files share one service, and that no test file gets a service that has stopped.
import { expect } from 'chai';
import { shareService, stopSharedServices } from './shared-service.ts';

describe('a shared service', () => {
  it('is started by the first test that requests it, stopped once, and started again by a later test', async () => {
    const events: string[] = [];
    let started = 0;
    const share = shareService(async () => {
      const name = `service ${++started}`;
      events.push(`${name} starts`);
      return {
        name,
        async stop() {
          events.push(`${name} stops`);
        },
      };
    });
    const [first, second] = await Promise.all([share(), share()]);
    expect(first).to.equal(second);
    await stopSharedServices();
    await stopSharedServices();
    expect((await share()).name).to.equal('service 2');
    await stopSharedServices();
    expect(events).to.deep.equal(['service 1 starts', 'service 1 stops', 'service 2 starts', 'service 2 stops']);
  });
});
