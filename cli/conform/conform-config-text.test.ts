// Tests of the commented configuration that `user-info init` writes: each option occurs once and is valid when uncommented.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { readSchema } from '../../schemas/read-schema.ts';
import { toConfig, writeConfigText } from './conform-config-text.ts';

const { properties: all } = readSchema('conformance-config.schema.json') as {
  properties: Record<string, { description: string; deprecated?: boolean }>;
};
const properties = Object.fromEntries(Object.entries(all).filter(([, { deprecated = false }]) => !deprecated));
const set = { url: 'https://users.example.com/user-info', auth: 'none', knownUsers: ['ada'] };
const text = writeConfigText(set, 'conform.yaml');

describe('the text of a configuration for user-info conform', () => {
  it('contains only the options that were set', () => {
    expect(parse(text)).to.deep.equal(set);
  });

  it('contains every option of the schema once, except deprecated ones, with unset ones as comments', () => {
    const names = [...text.matchAll(/^#?(\w+):/gm)].map(([, name]) => name);
    expect(names).to.have.members(Object.keys(properties));
    expect(Object.keys(parse(text.replace(/^#(?! )/gm, '')))).to.have.members(Object.keys(properties));
  });

  it('shows a valid default or example of each option', () => {
    const validate = new Ajv2020({ allErrors: true }).compile(readSchema('conformance-config.schema.json'));
    validate(parse(text.replace(/^#(?! )/gm, '')));
    expect(validate.errors ?? []).to.deep.equal([]);
  });

  it('explains each option above it, within the line width', () => {
    for (const [name, { description }] of Object.entries(properties)) {
      const above =
        text
          .slice(0, text.search(new RegExp(`^#?${name}:`, 'm')))
          .split('\n\n')
          .at(-1) ?? '';
      expect(above.replace(/^# /gm, '').replaceAll('\n', ' '), name).to.include(description);
    }
    expect(text.split('\n').filter((line) => line.length > 110)).to.deep.equal([]);
  });

  it('names the default', () => {
    expect(text).to.match(/^# Maximum number of requests in the whole run\. Default: 400\.\n#maxRequests: 400$/m);
  });

  it('keeps absolute paths, stdout, and strings that YAML would read as another type', () => {
    const flags = {
      auth: 'none' as const,
      ca: '/etc/ca.pem',
      knownUser: ['no', '007'],
      report: ['json=-', 'html=/r=1.html'],
    };
    const config = toConfig('https://users.example.com', flags, 'conf');
    expect(parse(writeConfigText(config, 'conform.yaml'))).to.deep.equal({
      ...{ url: 'https://users.example.com', auth: 'none', ca: '/etc/ca.pem', knownUsers: ['no', '007'] },
      reports: { json: '-', html: '/r=1.html' },
    });
  });
});
