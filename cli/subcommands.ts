// List of subcommands: their descriptions for the help, and how their files are loaded.
import type { Command } from 'commander';

export interface Subcommand {
  /** Arguments shown after the name in the list of commands, e.g. "[options] <userid>"; may be empty. */
  readonly usage: string;
  /** The command's own description, which is in its file. */
  readonly description: string;
  /** Loads the file on demand, because loading all files takes a second. @returns a function that adds the command. */
  load(): Promise<(program: Command) => void | Promise<void>>;
}

/** Map from name to subcommand, in the order of the help. */
export const subcommands: Readonly<Record<string, Subcommand>> = {
  serve: {
    usage: '[options]',
    description: 'Serve the user info endpoint.',
    load: async () => (await import('./serve/serve.ts')).addServeCommand,
  },
  reload: {
    usage: '[options]',
    description: 'Reload the configuration, certificates, credentials and data source of a running server.',
    load: async () => (await import('./serve/reload.ts')).addReloadCommand,
  },
  lookup: {
    usage: '[options] <userid>',
    description: "Look up one user in the configured data source without a server, and print the endpoint's response.",
    load: async () => (await import('./serve/lookup.ts')).addLookupCommand,
  },
  doctor: {
    usage: '[options]',
    description:
      'Connect to every data source of a configuration and check host names, ports, TLS, logins, permissions and clocks.',
    load: async () => (await import('./serve/doctor.ts')).addDoctorCommand,
  },
  init: {
    usage: '[options] [url]',
    description:
      'Write a commented configuration file for `user-info conform`, based on your answers to a few prompts.',
    load: async () => (await import('./conform/init.ts')).addInitCommand,
  },
  conform: {
    usage: '[options] [url]',
    description: 'Test any user info endpoint against the contract, given its URL.',
    load: async () => (await import('./conform/conform.ts')).addConformCommand,
  },
  explain: {
    usage: '[options] [check]',
    description:
      'Describe a conformance check: the requirement, why it matters, and how to fix a violation. Without an id, list all checks.',
    load: async () => (await import('./conform/explain.ts')).addExplainCommand,
  },
  dispute: {
    usage: '[options] <report> <check>',
    description: 'Write a prefilled report that disputes a finding, from a JSON report of `user-info conform`.',
    load: async () => (await import('./conform/dispute.ts')).addDisputeCommand,
  },
  compare: {
    usage: '[options] <before> <after>',
    description: 'Compare two JSON reports of `user-info conform`: improvements, regressions and new checks.',
    load: async () => (await import('./conform/compare.ts')).addCompareCommand,
  },
  certs: {
    usage: '',
    description: 'Create certificates for development and tests, and inspect certificates.',
    load: async () => (await import('./certs/certs.ts')).addCertsCommand,
  },
  config: {
    usage: '',
    description: 'Check a configuration, or show the effective options.',
    load: async () => (await import('./serve/config.ts')).addConfigCommand,
  },
  simulate: {
    usage: '',
    description: 'Simulate the platform: its identities, and the sync that requests users from your endpoint.',
    load: async () => (await import('./simulate/simulate.ts')).addSimulateCommand,
  },
  learn: {
    usage: '[options]',
    description: 'Run experiments to determine how a platform behaves where its documentation does not say.',
    load: async () => (await import('./learn/learn.ts')).addLearnCommand,
  },
  'hash-password': {
    usage: '[options]',
    description: 'Hash a password for the option `passwordHash`. The password is read from the terminal or from stdin.',
    load: async () => (await import('./serve/hash-password.ts')).addHashPasswordCommand,
  },
  examples: {
    usage: '',
    description: 'Print the directory of the examples that belong to this installation.',
    load: async () => (await import('./examples.ts')).addExamplesCommand,
  },
  'ldap-stub': {
    usage: '[options] <file>',
    description: 'Serve an LDIF file over LDAP on this machine: bind, search, pages. For demonstrations and tests.',
    load: async () => (await import('./serve/ldap-stub.ts')).addLdapStubCommand,
  },
};
