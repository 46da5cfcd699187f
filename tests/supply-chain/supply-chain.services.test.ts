// Tests what a user installs: acceptable licenses, no install scripts, and a complete bill of materials.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import { bundleConsole } from '../bundle-console.mjs';
import { scratchDirectory } from '../certificate-files.ts';
import { createSbom } from './create-sbom.ts';
import {
  accepted,
  bundled,
  findUnacceptable,
  listBundledPackages,
  listProductionPackages,
  type ProductionPackage,
  projectRoot,
  saidElsewhere,
} from './production-packages.ts';

const packages = listProductionPackages();
const nameOf = ({ name, version }: ProductionPackage) => `${name}@${version}`;

describe('the licenses of the installed packages', () => {
  it('are known, and permissive or accepted by name', () => {
    expect(findUnacceptable(packages).map(nameOf)).to.deep.equal([]);
  });

  for (const licence of [
    null,
    'GPL-3.0-only',
    'AGPL-3.0-or-later',
    'SSPL-1.0',
    'UNLICENSED',
    'MPL-2.0',
    '(MIT AND GPL-2.0-only)',
  ]) {
    it(`may not be ${licence ?? 'unknown'} for an unreviewed package`, () => {
      const unknownPackage = { name: 'unknown', version: '1.0.0', licence, runsInstallScript: false };
      expect(findUnacceptable([...packages, unknownPackage])).to.deep.equal([unknownPackage]);
    });
  }

  it('may be a choice that includes a permissive license, or several permissive licenses', () => {
    for (const licence of ['(MIT OR GPL-2.0-only)', '(MIT AND Zlib)']) {
      expect(
        findUnacceptable([{ name: 'unknownPackage', version: '1.0.0', licence, runsInstallScript: false }]),
      ).to.deep.equal([]);
    }
  });

  for (const [name, { licence, file }] of Object.entries(saidElsewhere)) {
    it(`${name} says ${licence} in its ${file}`, () => {
      const text = readFileSync(new URL(`node_modules/${name}/${file}`, projectRoot), 'utf8');
      expect(text).to.match(/MIT License|\(MIT\)|Permission is hereby granted, free of charge/);
    });
  }

  it("are known and permissive for the packages in the console's bundle, which lists them", async () => {
    const directory = scratchDirectory();
    expect(await bundleConsole(directory)).to.deep.equal(bundled);
    expect(findUnacceptable(listBundledPackages())).to.deep.equal([]);
    const [head = ''] = readFileSync(join(directory, 'console.js'), 'utf8').split('\n');
    for (const { name, licence } of listBundledPackages()) {
      expect(head.toLowerCase()).to.include(name).and.to.include(`${licence?.toLowerCase()} license, copyright`);
    }
  });

  it('were reviewed manually only for installed packages', () => {
    const names = packages.map(({ name }) => name);
    expect(names).to.include.members([...Object.keys(accepted), ...Object.keys(saidElsewhere)]);
  });
});

describe('the installed packages', () => {
  it('run no script at installation, so --ignore-scripts changes nothing', () => {
    expect(packages.filter(({ runsInstallScript }) => runsInstallScript).map(nameOf)).to.deep.equal([]);
  });
});

describe('the bill of materials', () => {
  const bill = JSON.parse(createSbom());

  it('matches the schema of CycloneDX 1.5', () => {
    const directory = join(
      dirname(createRequire(import.meta.url).resolve('@cyclonedx/cyclonedx-library/package.json')),
      'res/schema',
    );
    const read = (name: string) => JSON.parse(readFileSync(join(directory, `${name}.SNAPSHOT.schema.json`), 'utf8'));
    const ajv = new Ajv({ strict: false, formats: { 'iri-reference': true, 'idn-email': true } });
    addFormats.default(ajv);
    // The schema of CycloneDX refers to both by file name.
    for (const name of ['spdx', 'jsf-0.82'])
      ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
    const validate = ajv.compile(read('bom-1.5'));
    validate(bill);
    expect(validate.errors ?? []).to.deep.equal([]);
    expect(validate({ ...bill, components: [{ name: 'no type' }] })).to.equal(false);
  });

  it('describes the package, and lists exactly the installed packages', () => {
    expect(bill.metadata.component).to.include({ name: 'user-info-kit', type: 'application' });
    const components = bill.components.map(({ name, version }: ProductionPackage) => `${name}@${version}`);
    expect([...new Set(components)]).to.have.members(packages.map(nameOf));
  });

  it('contains the hash of each package, and the direct dependencies', () => {
    for (const { name, hashes } of bill.components) expect(hashes, name).to.have.length.greaterThan(0);
    const direct = bill.dependencies.find(({ ref }: { ref: string }) => ref.startsWith('user-info-kit@')).dependsOn;
    const { dependencies } = JSON.parse(readFileSync(new URL('package.json', projectRoot), 'utf8'));
    const names = direct.map((reference: string) => reference.slice(0, reference.lastIndexOf('@')));
    expect(names).to.have.members(Object.keys(dependencies));
  });
});
