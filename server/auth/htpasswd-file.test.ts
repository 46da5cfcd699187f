// Tests of reading htpasswd files.
import { expect } from 'chai';
import { HtpasswdError, parseHtpasswd } from './htpasswd-file.ts';

const hash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

function faultsOf(text: string) {
  try {
    parseHtpasswd(text);
  } catch (error) {
    if (error instanceof HtpasswdError) return error.faults;
    throw error;
  }
  return [];
}

describe('htpasswd-file', () => {
  it('reads names and hashes, and skips comments, empty lines, CRLF and a byte order mark', () => {
    const users = parseHtpasswd(`\uFEFF# made by hand\r\n\r\nimmuta:${hash}\r\n  # another\nnext one:${hash}`);
    expect([...users]).to.deep.equal([
      ['immuta', hash],
      ['next one', hash],
    ]);
  });

  it('accepts the scrypt hashes of user-info hash-password', () => {
    const scrypt = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
    expect(parseHtpasswd(`immuta:${scrypt}\n`).get('immuta')).to.equal(scrypt);
  });

  const refused: Record<string, [line: string, message: RegExp]> = {
    'SHA-1': ['canary:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', /SHA-1.*htpasswd -B/],
    apr1: ['canary:$apr1$salt$UOfQeWjmm3YLoCXuhk.h60', /apr1.*htpasswd -B/],
    'SHA-512 crypt': ['canary:$6$salt$abcdef', /SHA-2 crypt.*htpasswd -B/],
    'DES crypt': ['canary:rqXexS6ZhobKA', /DES crypt.*htpasswd -B/],
    'plain text': ['canary:canary-password', /plain text.*htpasswd -B/],
    'a line without a colon': ['canary', /no colon/],
    'an empty name': [`:${hash}`, /user name is empty/],
    'an empty hash': ['canary:', /hash is empty/],
    'a control character in the name': [`can\tary:${hash}`, /control character/],
    'a costly bcrypt hash': [`canary:${hash.replace('$05$', '$31$')}`, /cost/],
  };
  for (const [name, [line, message]] of Object.entries(refused)) {
    it(`rejects ${name}, and reports its line without showing it`, () => {
      const faults = faultsOf(`first:${hash}\n${line}\n`);
      expect(faults).to.have.length(1);
      expect(faults[0]?.line).to.equal(2);
      expect(faults[0]?.message)
        .to.match(message)
        .and.not.match(/canary|can\tary/);
    });
  }

  it('rejects a duplicate user, and a file without users', () => {
    expect(faultsOf(`a:${hash}\na:${hash}\n`)).to.deep.equal([
      { line: 2, message: 'the user name occurs twice. Keep one of the two lines.' },
    ]);
    expect(faultsOf('# nobody\n')).to.have.length(1);
  });

  it('reports all errors at once', () => {
    expect(faultsOf('a:plain\nb\n:c\n').map(({ line }) => line)).to.deep.equal([1, 2, 3]);
  });
});
