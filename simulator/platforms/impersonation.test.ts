// Tests of impersonation as documented by each data platform: permissions, statements, audit records, and each refusal.
import { expect } from 'chai';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import type { DataPlatformId } from './data-platforms.ts';
import { evaluateImpersonation, findRight, type ImpersonationRefusal } from './impersonation.ts';
import { impersonationPlatforms, writeGrant } from './impersonation-statements.ts';
import { writeQueryAudit } from './query-audit.ts';

const by = 'admin@example.com';
const ada = { iam: 'bim', userid: 'ada@example.com' };
const bob = { iam: 'bim', userid: "bob.o'brien@example.com" };
const everywhere = {
  databricks: { allowedImpersonationUsers: ['Reporting@example.com'] },
  redshift: { enableImpersonation: true },
  snowflake: { enableImpersonation: true },
  synapse: { enableImpersonation: true },
};

describe('impersonation', () => {
  let simulator: Simulator;
  beforeEach(() => {
    simulator = openSimulator(null, () => Date.parse('2026-11-28T12:00:00Z'));
    for (const { userid } of [ada, bob]) simulator.identities.users.create({ userid, name: userid }, by);
    simulator.integrations.set(everywhere, by);
  });
  afterEach(() => simulator.close());

  const permit = () => simulator.identities.users.addPermission(ada, 'IMPERSONATE_USER', by);
  const name = (user: typeof ada, platform: DataPlatformId, id: string) =>
    simulator.externalIds.set(user, platform, { kind: 'mapped', id, awsType: null }, by);
  const right = (platform: DataPlatformId, user = ada) => {
    const found = findRight(simulator, platform, user);
    return found.isAllowed ? found.right : found.reason;
  };
  const evaluate = (platform: DataPlatformId, user = ada, target = bob) =>
    evaluateImpersonation(simulator, platform, user, target);
  const reasonOf = (platform: DataPlatformId, user = ada, target = bob) => {
    const evaluated = evaluate(platform, user, target);
    return evaluated.isAllowed ? null : evaluated.reason;
  };
  const allow = (platform: DataPlatformId, user = ada, target = bob) => {
    const evaluated = evaluate(platform, user, target);
    if (!evaluated.isAllowed) throw new Error(evaluated.message);
    return evaluated;
  };
  const typed = (platform: DataPlatformId, user = ada, target = bob) => {
    const { start, end, show } = allow(platform, user, target);
    return [start, end, show].map((statements) => statements.map(({ text }) => text));
  };

  describe('allowed users', () => {
    it('are the users with the permission, whatever its origin, except on Databricks', () => {
      simulator.identities.groups.create({ name: 'support' }, by);
      simulator.identities.groups.addMember({ iam: 'bim', name: 'support' }, ada, by);
      simulator.identities.iams.setPermissions('bim', 'support', ['IMPERSONATE_USER'], by);
      expect(impersonationPlatforms.map((platform) => right(platform))).to.deep.equal([
        'not-permitted',
        'permission',
        'permission',
        'permission',
        'permission',
      ]);
    });

    for (const platform of ['redshift', 'snowflake', 'synapse'] as const) {
      it(`are the users with the database role or group of ${platform}, by their names on the platform`, () => {
        simulator.integrations.set({ ...everywhere, [platform]: { enableImpersonation: true, members: ['ADA'] } }, by);
        expect(right(platform)).to.equal('not-permitted');
        name(ada, platform, 'ADA');
        expect(right(platform)).to.equal('database-role');
      });
    }

    it('on Trino include users who match its administrators', () => {
      expect(right('trino')).to.equal('not-permitted');
      simulator.integrations.set({ trino: { admins: [ada.userid] } }, by);
      expect(right('trino')).to.equal('administrator');
    });

    it("on Databricks are in the cluster's list, ignoring letter case, including unknown users", () => {
      expect(right('databricks', { iam: 'bim', userid: 'reporting@EXAMPLE.com' })).to.equal('cluster-list');
      permit();
      expect(right('databricks')).to.equal('not-permitted');
      name(ada, 'databricks', 'reporting@example.com');
      expect(right('databricks')).to.equal('cluster-list');
    });
  });

  describe('the statements', () => {
    beforeEach(permit);

    for (const [platform, start, end, show] of [
      [
        'redshift',
        ["CALL immuta_procedures.impersonate_user('bob.o''brien@example.com');"],
        ['CALL immuta_procedures.impersonate_user(NULL);'],
        [],
      ],
      [
        'snowflake',
        ['USE ROLE "IMMUTA_IMPERSONATION";', "SET immuta_user = 'bob.o''brien@example.com';"],
        ['UNSET immuta_user;'],
        [],
      ],
      [
        'trino',
        ["sessionUser=bob.o'brien@example.com", "trino --session-user 'bob.o'\\''brien@example.com'"],
        ['RESET SESSION immuta.immuta_user;'],
        ["SHOW SESSION LIKE 'immuta.immuta_user';"],
      ],
    ] as const) {
      it(`on ${platform} contain the name of the user on the platform`, () => {
        name(bob, platform, 'bob_there');
        expect(typed(platform)).to.deep.equal([start, end, show]);
      });
    }

    it('on Synapse contain the name of the user on Synapse', () => {
      name(bob, 'synapse', "bob's");
      expect(typed('synapse')).to.deep.equal([
        ["EXEC sys.sp_set_session_context @key = N'immuta_user', @value = 'bob''s';"],
        ["EXEC sys.sp_set_session_context @key = N'NULL', @value = '<NULL>';"],
        [],
      ]);
    });

    it('on Databricks contain a user of the IAM of the integration', () => {
      const reporting = { iam: 'bim', userid: 'reporting@example.com' };
      expect(typed('databricks', reporting, ada)).to.deep.equal([
        ['set immuta.impersonate.user=ada@example.com'],
        ['set immuta.impersonate.user='],
        [],
      ]);
      const inOkta = { databricks: { ...everywhere.databricks, iam: 'okta' } };
      expect(() => simulator.integrations.set(inOkta, by)).to.throw('databricks.iam: there is no IAM okta.');
      simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'saml' }, by);
      simulator.integrations.set(inOkta, by);
      expect(reasonOf('databricks', reporting, ada)).to.equal('no-such-target');
    });

    it('for granting and revoking quote the account, and exist only on Redshift, Snowflake and Synapse', () => {
      const settings = simulator.integrations.get();
      const grants = impersonationPlatforms.map((platform) =>
        [true, false].map((isGiven) => writeGrant(platform, `a'"b`, isGiven, settings)?.statement.text ?? null),
      );
      expect(grants).to.deep.equal([
        [null, null],
        [
          `ALTER GROUP "immuta_impersonation" ADD USER "a'""b";`,
          `ALTER GROUP "immuta_impersonation" DROP USER "a'""b";`,
        ],
        [`GRANT ROLE "IMMUTA_IMPERSONATION" TO USER "a'""b";`, `REVOKE ROLE "IMMUTA_IMPERSONATION" FROM USER "a'""b";`],
        [
          `EXEC sp_addrolemember N'immuta_impersonation', N'a''"b';`,
          `EXEC sp_droprolemember N'immuta_impersonation', N'a''"b';`,
        ],
        [null, null],
      ]);
    });
  });

  describe('is rejected', () => {
    const cases: ReadonlyArray<[ImpersonationRefusal, string, DataPlatformId, () => unknown]> = [
      ['not-supported', 'where the data platform knows none', 'bigquery', permit],
      ['not-enabled', 'where it is off', 'redshift', () => simulator.integrations.set({}, by)],
      [
        'excluded',
        'on Snowflake with a feature that excludes it',
        'snowflake',
        () => simulator.integrations.set({ snowflake: { enableImpersonation: true, hasExcludingFeature: true } }, by),
      ],
      ['disabled', 'to who is disabled', 'trino', () => simulator.identities.users.setDisabled(ada, true, by)],
      [
        'no-account',
        'to who has no account there',
        'redshift',
        () => simulator.externalIds.set(ada, 'redshift', { kind: 'none' }, by),
      ],
      ['not-permitted', 'without a right to it', 'synapse', () => undefined],
      [
        'target-disabled',
        'of somebody disabled',
        'trino',
        () => [permit(), simulator.identities.users.setDisabled(bob, true, by)],
      ],
      [
        'target-without-account',
        'of somebody without a name on Synapse',
        'synapse',
        () => [permit(), simulator.externalIds.set(bob, 'synapse', { kind: 'none' }, by)],
      ],
      [
        'name-not-quotable',
        'of a name that no statement can hold safely',
        'synapse',
        () => [permit(), name(bob, 'synapse', 'bob\nGO')],
      ],
    ];
    for (const [reason, title, platform, arrange] of cases) {
      it(`${title}: ${reason}`, () => {
        arrange();
        expect(reasonOf(platform)).to.equal(reason);
      });
    }

    it('for an unknown user, on either side', () => {
      const nobody = { iam: 'bim', userid: 'nobody' };
      expect(reasonOf('redshift', nobody)).to.equal('no-such-user');
      permit();
      expect(reasonOf('redshift', ada, nobody)).to.equal('no-such-target');
    });

    it('on Trino only when a query runs, while the session still starts', () => {
      const evaluated = evaluate('trino');
      expect(evaluated).to.deep.include({ isAllowed: false, reason: 'not-permitted' });
      if (evaluated.isAllowed) throw new Error('allowed');
      expect(evaluated.message).to.match(/needs IMPERSONATE_USER.+The session starts, but each query in it fails\.$/);
      expect(evaluated.session?.start[0]?.text).to.equal(`sessionUser=${bob.userid}`);
      expect(evaluated.session?.end[0]?.text).to.equal('RESET SESSION immuta.immuta_user;');
      expect(evaluate('trino', ada, { iam: 'bim', userid: 'nobody' })).to.deep.include({ reason: 'no-such-target' });
      expect(evaluate('redshift')).not.to.have.property('session');
    });

    it('with a message that names the user and the fix', () => {
      const evaluated = evaluate('redshift');
      expect(evaluated).to.deep.include({
        message: 'ada@example.com needs IMPERSONATE_USER, or membership in the Redshift group immuta_impersonation.',
      });
    });
  });

  describe('in the audit record of a query', () => {
    const audit = (platform: DataPlatformId, user = ada) =>
      writeQueryAudit(allow(platform, user), 'SELECT 1', simulator.now());

    it('on Databricks is recorded for the impersonated user, with the user who impersonates', () => {
      expect(audit('databricks', { iam: 'bim', userid: 'reporting@example.com' })).to.deep.equal({
        record: {
          createdAt: '2026-11-28T12:00:00.000Z',
          dateTime: '1795867200000',
          recordType: 'spark',
          accessType: 'query',
          success: true,
          userId: bob.userid,
          extra: { queryText: 'SELECT 1', impersonationUser: 'reporting@example.com' },
        },
        isGuess: false,
      });
    });

    it('on Snowflake shows only the logged-in user', () => {
      permit();
      name(ada, 'snowflake', 'ADA');
      const { record, isGuess } = audit('snowflake');
      expect([record.userId, record.extra, isGuess]).to.deep.equal(['ADA', { queryText: 'SELECT 1' }, false]);
    });

    it('on other platforms is an assumption, and is marked as such', () => {
      permit();
      for (const platform of ['redshift', 'synapse', 'trino'] as const) expect(audit(platform).isGuess).to.equal(true);
    });
  });

  describe('the integrations', () => {
    it('contain every default, and are audited when they change', () => {
      expect(simulator.integrations.get().snowflake.impersonationRole).to.equal('IMMUTA_IMPERSONATION');
      simulator.integrations.set(everywhere, by);
      const [record, ...others] = simulator.identities.audit.list({ action: 'IntegrationsChanged' }).hits;
      expect([record?.before, record?.after, others]).to.deep.equal([{}, everywhere, []]);
    });

    it('are rejected as a whole when one option is unknown', () => {
      expect(() => simulator.integrations.set({ trino: { admin: [] } }, by)).to.throw('trino.admin: unknown option');
      expect(simulator.integrations.get().redshift.enableImpersonation).to.equal(true);
    });
  });
});
