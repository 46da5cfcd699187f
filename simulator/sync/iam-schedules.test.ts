// Tests that sync schedules follow the list of IAMs.
import { expect } from 'chai';
import { createIamSchedules, type ScheduleOptions } from './iam-schedules.ts';

type Listed = ReturnType<ScheduleOptions['iams']['list']>[number];

describe('the sync schedules of all IAMs', () => {
  it('include that of a new IAM, and no longer that of a deleted one', async () => {
    const settings = { externalUserInfo: { uri: 'http://127.0.0.1:1/user-info' }, sync: { cronRule: '0 0 1 1 *' } };
    const okta = { id: 'okta', settings } as unknown as Listed;
    let listed: Listed[] = [];
    const schedules = createIamSchedules({
      iams: { list: () => listed },
      runs: { lastStart: () => null },
      run: async () => undefined,
      onFault: (_iam, error) => expect.fail(error.message),
    });
    schedules.start();
    expect(schedules.nextRun('okta')).to.equal(null);
    listed = [okta];
    schedules.refresh();
    expect(schedules.nextRun('okta')).to.match(/-01-01T00:00:00\.000Z$/);
    listed = [];
    schedules.refresh();
    expect(schedules.nextRun('okta')).to.equal(null);
    await schedules.close();
  });
});
