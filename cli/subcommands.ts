// List of subcommands: what the help says of each without its file, and how the file is loaded.
import type { Command } from 'commander';

export interface Subcommand {
  /** What the list of commands shows behind the name, e.g. "[options] <userid>"; may be empty. */
  readonly usage: string;
  /** Its own, which is in its file. */
  readonly description: string;
  /** Loads its file: all of them take a second. @returns what adds the command. */
  load(): Promise<(program: Command) => void | Promise<void>>;
}

/** By name, in the order of the help. */
export const subcommands: Readonly<Record<string, Subcommand>> = {
  serve: {
    usage: '[options]',
    description: 'Serve the user info endpoint.',
    load: async () => (await import('./serve.ts')).addServeCommand,
  },
  reload: {
    usage: '[options]',
    description: 'Tell a running server to take up its configuration, certificates, credentials and source anew.',
    load: async () => (await import('./reload.ts')).addReloadCommand,
  },
  lookup: {
    usage: '[options] <userid>',
    description: 'Ask the configured source for one user, without a server: what the endpoint would answer.',
    load: async () => (await import('./lookup.ts')).addLookupCommand,
  },
  doctor: {
    usage: '[options]',
    description:
      'Connect to every source of a configuration and say what works: names, ports, TLS, logins, rights, clocks.',
    load: async () => (await import('./doctor.ts')).addDoctorCommand,
  },
  init: {
    usage: '[options] [url]',
    description: 'Write a commented configuration file for `user-info conform`, by asking a few questions.',
    load: async () => (await import('./init.ts')).addInitCommand,
  },
  conform: {
    usage: '[options] [url]',
    description: 'Test any user info endpoint against the contract, by its URL alone.',
    load: async () => (await import('./conform.ts')).addConformCommand,
  },
  explain: {
    usage: '[options] [check]',
    description:
      'Describe a conformance check: the requirement, why it matters, and how to fix a violation. Without an id, list all checks.',
    load: async () => (await import('./explain.ts')).addExplainCommand,
  },
  dispute: {
    usage: '[options] <report> <check>',
    description: 'Write a prefilled report that disputes a finding, from a JSON report of `user-info conform`.',
    load: async () => (await import('./dispute.ts')).addDisputeCommand,
  },
  compare: {
    usage: '[options] <before> <after>',
    description: 'Compare two JSON reports of `user-info conform`: what got better, what got worse, what is new.',
    load: async () => (await import('./compare.ts')).addCompareCommand,
  },
  certs: {
    usage: '',
    description: 'Make certificates for development and tests, and look into any certificate.',
    load: async () => (await import('./certs.ts')).addCertsCommand,
  },
  config: {
    usage: '',
    description: 'Check a configuration, or show what the server makes of it.',
    load: async () => (await import('./config.ts')).addConfigCommand,
  },
  simulate: {
    usage: '',
    description: "Play the platform's side: its identities, and the sync that asks your endpoint.",
    load: async () => (await import('./simulate.ts')).addSimulateCommand,
  },
  'hash-password': {
    usage: '[options]',
    description: 'Hash a password for `passwordHash` of the configuration. It is never taken from an argument.',
    load: async () => (await import('./hash-password.ts')).addHashPasswordCommand,
  },
  examples: {
    usage: '',
    description: 'Print the directory of the examples that belong to this installation.',
    load: async () => (await import('./examples.ts')).addExamplesCommand,
  },
  'ldap-stub': {
    usage: '[options] <file>',
    description: 'Serve an LDIF file over LDAP on this machine: bind, search, pages. For demonstrations and tests.',
    load: async () => (await import('./ldap-stub.ts')).addLdapStubCommand,
  },
};
