// Tests the page on assumptions: each assumption has an experiment or a reason why there is none, and each experiment is on the page.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { platformAssumptions } from '../../schemas/platform-assumptions.ts';
import { readSchema } from '../../schemas/read-schema.ts';
import { experimentNames } from '../../simulator/learn/experiment-order.ts';
import { alterableFacts } from '../../simulator/learn/platform-profile.ts';
import {
  connectionDeterminations,
  findExperimentsOf,
  findReasonOf,
  generateAssumptionsPage,
  repeatDeterminations,
  responseDeterminations,
} from './generate-assumptions-page.ts';

const names = platformAssumptions.map(({ name }) => name);

describe('the page on assumptions', () => {
  it('has a row for each assumption in the schemas of the settings and of the profile', () => {
    const { properties } = readSchema('platform-profile.schema.json') as unknown as {
      readonly properties: { readonly facts: { readonly propertyNames: { readonly enum: readonly string[] } } };
    };
    const [assumptions = ''] = generateAssumptionsPage().split('## Requests');
    const rows = [...assumptions.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(rows).to.deep.equal(names);
    expect(rows).to.have.members([...properties.facts.propertyNames.enum]);
  });

  it('names an experiment for each assumption, or why there is none', () => {
    for (const name of names) {
      const ids = findExperimentsOf(name);
      if (ids.length === 0) expect(findReasonOf(name), name).to.match(/^(?!No experiment ran).+\.$/);
      expect([...experimentNames, 'all'], name).to.include.members([...ids]);
    }
  });

  it('has a row for each fact about requests, repeats and responses in the schema, and lists only existing facts as alterable', () => {
    const { properties } = readSchema('platform-profile.schema.json') as unknown as {
      readonly properties: Readonly<Record<string, { readonly properties: object }>>;
    };
    const namesOf = (section: string) => Object.keys(properties[section]?.properties ?? {});
    expect(Object.keys(connectionDeterminations)).to.deep.equal(namesOf('connection'));
    expect(Object.keys(repeatDeterminations)).to.deep.equal(namesOf('repeats'));
    expect(Object.keys(responseDeterminations)).to.deep.equal(namesOf('responses'));
    const all = [...names, ...['connection', 'repeats', 'responses'].flatMap(namesOf)];
    expect(all).to.include.members([...alterableFacts]);
  });

  it('names each experiment', () => {
    const ofResponses = Object.values(responseDeterminations).map(([by]) => by.replaceAll('`', ''));
    expect([...names.flatMap(findExperimentsOf), ...ofResponses]).to.include.members([...experimentNames]);
  });
});

describe('the guide on learning a platform', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../docs/guides/learn-your-platform.md'), 'utf8');
  const [, section = ''] = guide.split('## What each experiment determines');
  const rows = [...section.matchAll(/^\| (?<assumptions>(?:`\w+`(?:, )?)+) +\| (?<second>[^|]+)\|/gm)];
  const wordsOf = (text = '') => [...text.matchAll(/`([\w-]+)`/g)].map(([, word = '']) => word);

  it('lists each assumption in its tables, and no others', () => {
    expect(new Set(rows.flatMap(({ groups }) => wordsOf(groups?.assumptions)))).to.deep.equal(new Set(names));
  });

  it('names only experiments and assumptions that exist', () => {
    const known = [...experimentNames, ...names];
    expect(known).to.include.members(rows.flatMap(({ groups }) => wordsOf(groups?.second)));
  });
});

describe('profiles/', () => {
  const directory = join(import.meta.dirname, '../../profiles');
  const validate = new Ajv2020({ strict: true }).compile(readSchema('platform-profile.schema.json'));
  /** Addresses, host names, URLs, and e-mail addresses. */
  const identifying =
    /\d+\.\d+\.\d+\.\d+|[\da-f]*:[\da-f]*:[\da-f:]+:|https?:|@|\blocalhost\b|\.(?:com|net|org|io|local|internal)\b/i;

  it('contains profiles that match the schema and contain nothing that identifies a person or a machine', () => {
    const files = readdirSync(directory).filter((name) => name !== 'README.md');
    for (const name of files) {
      expect(name, 'only YAML files').to.match(/^[a-z0-9.-]+\.yaml$/);
      const text = readFileSync(join(directory, name), 'utf8');
      expect(text, name).to.not.match(identifying);
      expect([validate(parse(text)), validate.errors], name).to.deep.equal([true, null]);
    }
  });

  it('detects an address that a profile must not contain', () => {
    for (const text of ['at 192.0.2.7', 'https://x', 'ada@x', '2001:db8::1:2', 'users.example.com']) {
      expect(text).to.match(identifying);
    }
    for (const text of ['platform: Immuta 2024.3', 'at: 2026-12-01T10:00:00.000Z', 'sha256:0123456789abcdef']) {
      expect(text).to.not.match(identifying);
    }
  });
});
