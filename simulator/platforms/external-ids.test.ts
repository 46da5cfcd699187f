// Tests of users' names on the data platforms, from the profile schema, set manually, or the user name. Also AWS roles, and a complete list with
// collisions and gaps.
import { expect } from 'chai';
import { IdentityError } from '../identities/identity-error.ts';
import { openSimulator, type Simulator } from '../open-simulator.ts';
import type { DataPlatformId } from './data-platforms.ts';
import type { ExternalId, ExternalIdChoice } from './external-ids.ts';
import { resolveExternalIds } from './resolve-external-ids.ts';

const by = 'admin@example.com';
const ada = { iam: 'bim', userid: 'Ada@example.com' };
const bob = { iam: 'bim', userid: 'bob@example.com' };
const mapped = (id: string, awsType: 'iam-user' | 'iam-role' | 'identity-center' | null = null) =>
  ({ kind: 'mapped', id, awsType }) as const;

describe("users' names on the data platforms", () => {
  let simulator: Simulator;
  beforeEach(() => {
    simulator = openSimulator(null, () => Date.parse('2026-11-28T12:00:00Z'));
    for (const { userid } of [ada, bob]) simulator.identities.users.create({ userid, name: userid }, by);
  });
  afterEach(() => simulator.close());

  const set = (user: typeof ada, platform: DataPlatformId, choice: ExternalIdChoice) =>
    simulator.externalIds.set(user, platform, choice, by);
  const refusalOf = (user: typeof ada, platform: DataPlatformId, choice: ExternalIdChoice) => {
    try {
      set(user, platform, choice);
    } catch (error) {
      if (error instanceof IdentityError) return error;
      throw error;
    }
    throw new Error('it was not refused');
  };
  const audited = () => simulator.identities.audit.list({ action: 'ExternalIdChanged' }).hits;
  const resolve = (platform: DataPlatformId, undocumentedCase: 'ignored' | 'counts' = 'counts') =>
    resolveExternalIds(simulator.externalIds, platform, { undocumentedCase, includeDisabled: false });

  /** Creates users of an IAM with a profile schema, each with values from the identity provider. */
  function createMapped(profileSchema: object, users: Record<string, Record<string, string[]>>): void {
    const settings = { externalUserInfo: { uri: 'http://127.0.0.1:1/user-info' }, profileSchema };
    simulator.identities.iams.create({ id: 'okta', name: 'Okta', type: 'okta', settings }, by);
    for (const [userid, attributes] of Object.entries(users)) {
      const { id } = simulator.identities.users.create({ iam: 'okta', userid, name: userid }, by);
      for (const [name, values] of Object.entries(attributes)) {
        for (const value of values) {
          simulator.db.run('INSERT INTO user_values VALUES (?, ?, ?, ?)', [id, name, value, 'identity-provider']);
        }
      }
    }
  }
  const ofOkta = (userid: string, platform: DataPlatformId) =>
    simulator.externalIds.get({ iam: 'okta', userid }, platform);

  describe('set manually', () => {
    it('are the user name by default, on each of nine data platforms', () => {
      const ids = simulator.externalIds.of(ada);
      expect(ids.map(({ platform }) => platform)).to.deep.equal(
        'databricks snowflake trino synapse redshift bigquery postgresql teradata aws'.split(' '),
      );
      for (const { id, source } of ids) expect([id, source]).to.deep.equal([ada.userid, 'user-name']);
    });

    it('are set, set to no account, and unset, each with an audit record that outlives the user', () => {
      expect(set(ada, 'snowflake', mapped('ADA'))).to.deep.include({ id: 'ADA', source: 'by-hand', attribute: null });
      expect(set(ada, 'snowflake', { kind: 'none' })).to.deep.include({ id: null, source: 'none' });
      expect(set(ada, 'snowflake', { kind: 'unset' })).to.deep.include({ id: ada.userid, source: 'user-name' });
      simulator.identities.users.delete(ada, { confirmed: true, typed: 'Delete' }, by);
      const ids = audited().map(({ before, after }) => [(before as ExternalId).id, (after as ExternalId).id]);
      expect(ids).to.deep.equal([
        [null, ada.userid],
        ['ADA', null],
        [ada.userid, 'ADA'],
      ]);
    });

    it('are included in the record of a deletion', () => {
      set(ada, 'aws', mapped('readers', 'iam-role'));
      simulator.identities.users.delete(ada, { confirmed: true, typed: 'Delete' }, by);
      const [deleted] = simulator.identities.audit.list({ action: 'UserDeleted' }).hits;
      expect(deleted?.before).to.deep.include({
        externalIds: [{ platform: 'aws', kind: 'mapped', id: 'readers', awsType: 'iam-role' }],
      });
    });

    it('leave no record when nothing changes', () => {
      set(ada, 'trino', { kind: 'unset' });
      set(ada, 'trino', mapped('ada'));
      set(ada, 'trino', mapped('ada'));
      expect(audited()).to.have.length(1);
    });

    it('are kept when a user migrates to an IAM that maps no names', () => {
      set(ada, 'redshift', mapped('ada_rs'));
      createMapped({}, { [ada.userid]: {} });
      simulator.identities.users.migrate(ada.userid, 'okta', ada.userid, by);
      expect(ofOkta(ada.userid, 'redshift')).to.deep.include({ id: 'ada_rs', source: 'by-hand' });
    });

    for (const [what, platform, choice, kind] of [
      ['an empty name', 'snowflake', mapped(' '), 'invalid'],
      ['"no account" on AWS, where None means the user name', 'aws', { kind: 'none' }, 'refused'],
      ['an AWS name without its type', 'aws', mapped('ada'), 'invalid'],
      ['a type on another platform', 'trino', mapped('ada', 'iam-role'), 'invalid'],
      ['an e-mail address as User ID of Identity Center', 'aws', mapped('a@b.example', 'identity-center'), 'invalid'],
      ['a word as User ID of Identity Center', 'aws', mapped('bead', 'identity-center'), 'invalid'],
    ] as const) {
      it(`reject ${what}`, () => {
        expect(refusalOf(ada, platform, choice).kind).to.equal(kind);
        expect(audited()).to.deep.equal([]);
      });
    }

    it('assign an IAM role to only one user, including disabled users, and keep the letter case of names', () => {
      set(ada, 'aws', mapped('data-readers', 'iam-role'));
      set(ada, 'aws', mapped('data-readers', 'iam-role'));
      simulator.identities.users.setDisabled(ada, true, by);
      expect(refusalOf(bob, 'aws', mapped('data-readers', 'iam-role')).message).to.include(
        `${ada.userid} of bim already has`,
      );
      expect(set(bob, 'aws', mapped('Data-Readers', 'iam-role')).id).to.equal('Data-Readers');
      expect(set(bob, 'aws', mapped('data-readers', 'iam-user')).id).to.equal('data-readers');
      expect(set(bob, 'aws', mapped('90676421-4cd0', 'identity-center')).id).to.equal('90676421-4cd0');
    });
  });

  describe('by profile schema', () => {
    it("are the identity provider's attribute, and cannot be edited manually", () => {
      createMapped({ snowflakeUser: 'sf' }, { eve: { sf: ['EVE'] } });
      expect(ofOkta('eve', 'snowflake')).to.deep.include({ id: 'EVE', source: 'profile-schema', attribute: 'sf' });
      expect(ofOkta('eve', 'trino')).to.deep.include({ id: 'eve', attribute: null });
      const refusal = refusalOf({ iam: 'okta', userid: 'eve' }, 'snowflake', mapped('X'));
      expect([refusal.kind, refusal.message.includes('maps the attribute sf')]).to.deep.equal(['refused', true]);
    });

    it('ignore values from a person', () => {
      createMapped({ snowflakeUser: 'sf' }, { eve: {} });
      const eve = { iam: 'okta', userid: 'eve' };
      simulator.identities.attributes.add({ user: eve }, 'sf', 'ADMIN', by);
      expect(ofOkta('eve', 'snowflake')).to.deep.include({ id: 'eve', gap: 'attribute-missing' });
    });

    it('are uncertain with several values, and with an e-mail address for Identity Center', () => {
      createMapped(
        { trinoUser: 't', prestoUser: 't', awsUser: 'a', awsUserType: 'identity-center' },
        { eve: { t: ['e1', 'e2'], a: ['eve@example.com'] } },
      );
      expect(ofOkta('eve', 'trino')).to.deep.include({ id: null, gap: 'several-values' });
      expect(ofOkta('eve', 'aws')).to.deep.include({ id: null, gap: 'no-identity-center-id' });
    });

    it('are the user name on AWS with the type None', () => {
      createMapped({ awsUser: 'a' }, { eve: { a: ['role'] } });
      expect(ofOkta('eve', 'aws')).to.deep.include({ id: 'eve', source: 'user-name', awsType: null, gap: null });
    });

    it('prevent the manual assignment of a role that they already assign', () => {
      createMapped({ awsUser: 'a', awsUserType: 'iam-role' }, { eve: { a: ['readers'] } });
      expect(refusalOf(ada, 'aws', mapped('readers', 'iam-role')).message).to.include('eve of okta already has');
    });
  });

  describe('resolved for all users', () => {
    it('report shared accounts, and ignore letter case on Databricks', () => {
      set(bob, 'databricks', mapped('ADA@example.com'));
      set(bob, 'snowflake', mapped('ADA@example.com'));
      const shared = [{ id: ada.userid, awsType: null, users: [ada, bob] }];
      expect(resolve('databricks')).to.deep.equal({
        ...{ platform: 'databricks', users: 2, mapped: 1, userName: 1, withoutAccount: 0, gaps: [] },
        ...{ collisions: shared, guesses: {} },
      });
      expect(resolve('snowflake').collisions).to.deep.equal([]);
      expect(resolve('snowflake', 'ignored')).to.deep.include({
        collisions: shared,
        guesses: { letterCase: 'ignored' },
      });
      expect(resolve('aws', 'ignored').guesses).to.deep.equal({});
    });

    it('report missing names, and users without an account', () => {
      createMapped({ asaUser: 's' }, { eve: {}, mallory: { s: ['m1', 'm2'] } });
      set(bob, 'synapse', { kind: 'none' });
      expect(resolve('synapse')).to.deep.include({ users: 4, mapped: 0, userName: 2, withoutAccount: 2 });
      expect(resolve('synapse').gaps).to.deep.equal([
        { user: { iam: 'okta', userid: 'eve' }, gap: 'attribute-missing' },
        { user: { iam: 'okta', userid: 'mallory' }, gap: 'several-values' },
      ]);
    });

    it('report a role that a profile schema assigns to two users, and the same user name in two IAMs', () => {
      createMapped(
        { awsUser: 'a', awsUserType: 'iam-role' },
        { eve: { a: ['readers'] }, [bob.userid]: { a: ['readers'] } },
      );
      expect(resolve('aws').collisions.map(({ id, awsType, users }) => [id, awsType, users.length])).to.deep.equal([
        ['readers', 'iam-role', 2],
      ]);
      expect(resolve('teradata').collisions.map(({ id }) => id)).to.deep.equal([bob.userid]);
    });

    it('exclude disabled users, unless requested, and process many pages', () => {
      simulator.db.run(
        `INSERT INTO users (iam, userid, name, details, disabled, created_at, updated_at)
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
         SELECT 'bim', 'u' || i, 'u', '{}', i % 2, '', '' FROM n`,
      );
      expect(resolve('trino').users).to.equal(2 + 1250);
      const all = { undocumentedCase: 'counts', includeDisabled: true } as const;
      expect(resolveExternalIds(simulator.externalIds, 'trino', all).users).to.equal(2 + 2500);
    });
  });
});
