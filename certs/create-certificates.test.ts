// Tests of the certificate files: their modes, and that no file is overwritten.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CertificateError } from './certificate-error.ts';
import { type CreateOptions, createCertificates } from './create-certificates.ts';

const goodNames = ['ca-key.pem', 'ca.pem', 'client-key.pem', 'client.pem', 'server-key.pem', 'server.pem'];

describe('createCertificates', () => {
  let scratch: string;

  before(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'certs-'));
  });

  after(async () => {
    await rm(scratch, { recursive: true });
  });

  /** A new directory below the scratch directory, not created yet. */
  let directories = 0;
  const newDirectory = () => {
    directories += 1;
    return join(scratch, String(directories), 'certs');
  };

  it('creates files with mode 0600 in directories with mode 0700', async () => {
    const directory = newDirectory();
    await createCertificates(directory, { bad: true });
    expect((await stat(directory)).mode & 0o777).to.equal(0o700);
    expect((await stat(join(directory, 'bad'))).mode & 0o777).to.equal(0o700);
    const files = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.pem'));
    expect(files).to.have.length(6 + 2 * 8 + 3);
    for (const name of files) expect((await stat(join(directory, name))).mode & 0o777, name).to.equal(0o600);
  });

  it('keeps the mode of an existing directory', async () => {
    const directory = newDirectory();
    await mkdir(directory, { recursive: true });
    // `mkdir` cannot set this mode, because the umask reduces it.
    await chmod(directory, 0o755);
    await createCertificates(directory);
    expect((await stat(directory)).mode & 0o777).to.equal(0o755);
    expect((await readdir(directory)).sort()).to.deep.equal(goodNames);
  });

  it('reports which files belong to the platform and which to the listener', async () => {
    const directory = newDirectory();
    const created = await createCertificates(directory, { clientEmail: 'immuta@example.com' });
    const at = (name: string) => join(directory, name);
    expect(created.files.map(({ path }) => path).sort()).to.deep.equal(goodNames.map(at));
    expect(created.platformSettings).to.deep.equal({
      key: at('client-key.pem'),
      certificate: at('client.pem'),
      ca: at('ca.pem'),
    });
    expect(created.listenerTls).to.deep.equal({
      certificate: at('server.pem'),
      key: at('server-key.pem'),
      clientCa: [at('ca.pem')],
    });
    expect(created.allow).to.deep.equal({ email: 'immuta@example.com' });
  });

  describe('with existing files', () => {
    it('writes nothing, and names all existing files and --force', async () => {
      const directory = newDirectory();
      await mkdir(join(directory, 'bad'), { recursive: true });
      await writeFile(join(directory, 'client-key.pem'), 'precious');
      await writeFile(join(directory, 'bad', 'crl.pem'), 'precious');
      const message = await refusal(directory, { bad: true });
      expect(message)
        .to.contain(join(directory, 'client-key.pem'))
        .and.contain(join(directory, 'bad', 'crl.pem'));
      expect(message).to.contain('--force');
      expect((await readdir(directory, { recursive: true })).sort()).to.deep.equal([
        'bad',
        'bad/crl.pem',
        'client-key.pem',
      ]);
      expect(await readFile(join(directory, 'client-key.pem'), 'utf8')).to.equal('precious');
    });

    it('treats a dangling link as an existing file', async () => {
      const directory = newDirectory();
      await mkdir(directory, { recursive: true });
      await symlink(join(directory, 'nowhere'), join(directory, 'ca.pem'));
      expect(await refusal(directory, {})).to.contain(`${join(directory, 'ca.pem')} exists already`);
      expect(await readdir(directory)).to.deep.equal(['ca.pem']);
    });

    it('replaces existing files when force is set, keeps other files, and sets mode 0600', async () => {
      const directory = newDirectory();
      await mkdir(directory, { recursive: true });
      await writeFile(join(directory, 'ca-key.pem'), 'old', { mode: 0o644 });
      await writeFile(join(directory, 'notes.txt'), 'mine');
      await createCertificates(directory, { force: true });
      expect(await readFile(join(directory, 'ca-key.pem'), 'utf8')).to.match(/^-----BEGIN PRIVATE KEY-----\n/);
      expect((await stat(join(directory, 'ca-key.pem'))).mode & 0o777).to.equal(0o600);
      expect((await readdir(directory)).sort()).to.deep.equal([...goodNames, 'notes.txt'].sort());
    });

    it('rejects a new CA next to bad certificates issued by the old CA, even when force is set', async () => {
      const directory = newDirectory();
      await createCertificates(directory, { bad: true });
      const before = await readFile(join(directory, 'ca.pem'), 'utf8');
      expect(await refusal(directory, { force: true }))
        .to.contain(join(directory, 'bad'))
        .and.contain('--bad');
      expect(await readFile(join(directory, 'ca.pem'), 'utf8')).to.equal(before);
      await createCertificates(directory, { force: true, bad: true });
      expect(await readFile(join(directory, 'ca.pem'), 'utf8')).not.to.equal(before);
    });

    it('reports that the directory is a file', async () => {
      const directory = newDirectory();
      await mkdir(join(directory, '..'), { recursive: true });
      await writeFile(directory, '');
      expect(await refusal(directory, {})).to.contain('cannot be written');
    });
  });

  const wrongOptions: [name: string, options: CreateOptions, message: string][] = [
    ['no day', { validityDays: 0 }, '1 to 825 whole days, not 0'],
    ['more days than Apple accepts', { validityDays: 826 }, '1 to 825 whole days, not 826'],
    ['half a day', { validityDays: 1.5 }, '1 to 825 whole days, not 1.5'],
    ['a URL as a name', { names: ['https://example.com'] }, '"https://example.com" is not a host name'],
    ['an empty name', { names: [''] }, '"" is not a host name'],
    ['a wildcard within', { names: ['a.*.example.com'] }, '"a.*.example.com" is not a host name'],
    ['an e-mail address without @', { clientEmail: 'platform' }, '"platform" is not an e-mail address'],
    ['an e-mail address of two lines', { clientEmail: 'a@b\nc' }, '"a@b\\nc" is not an e-mail address'],
    ['an empty common name', { clientCommonName: '' }, '1 to 64 characters'],
    ['a common name of 65 characters', { clientCommonName: 'x'.repeat(65) }, '1 to 64 characters'],
    ['a control character in a common name', { clientCommonName: 'a\u0000b' }, 'none of them a control character'],
  ];
  for (const [name, options, message] of wrongOptions) {
    it(`rejects ${name}, and writes nothing`, async () => {
      const directory = newDirectory();
      expect(await refusal(directory, options)).to.contain(message);
      expect(await readdir(scratch)).not.to.include(String(directories));
    });
  }
});

async function refusal(directory: string, options: CreateOptions): Promise<string> {
  try {
    await createCertificates(directory, options);
  } catch (error) {
    expect(error).to.be.instanceOf(CertificateError);
    return (error as CertificateError).message;
  }
  throw new Error('it was not refused');
}
