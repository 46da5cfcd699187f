// Commands in documentation that need a clone of the project: they are not executed in a reader's directory, but must exist.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

interface PackageDescription {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
}

/** `start`: run this in the reader's directory instead, in the background. `skip`: other tests and CI run the command. */
export type ProjectCommand = { readonly kind: 'start'; readonly command: string } | { readonly kind: 'skip' };

const skip: ProjectCommand = { kind: 'skip' };

function readPart(part: string, { name, scripts }: PackageDescription, projectRoot: string): ProjectCommand | null {
  if (part === 'npm ci' || part === `cd ${name}` || /^git clone \S+( \S+)?$/.test(part)) return skip;
  if (part === '.ci/run') return skip;
  if (new RegExp(`^npm install (--global |--save-dev )?${name}$`).test(part)) return skip;
  const script = /^npm (?:run )?(?<script>[\w:-]+)(?: -- (?<rest>.+))?$/.exec(part)?.groups;
  if (script?.script !== undefined && /^npm (run|start|test)\b/.test(part)) {
    const text = scripts[script.script];
    if (text === undefined) throw new Error(`package.json has no script "${script.script}": ${part}`);
    if (script.script !== 'start') return skip;
    return {
      kind: 'start',
      command: [text.replace('node cli/user-info.mjs', 'user-info'), script.rest].join(' ').trim(),
    };
  }
  const testFile = /^npx mocha (?<file>[\w./-]+)$/.exec(part)?.groups?.file;
  if (testFile === undefined) return null;
  if (!existsSync(join(projectRoot, testFile))) throw new Error(`there is no ${testFile}: ${part}`);
  return skip;
}

/**
 * Returns how to treat a command of a page; `null`: it is run unchanged. Parts joined by `&&` are evaluated separately. If one of them does not
 * belong to the project, the whole command is run unchanged.
 *
 * @throws {Error} when the project has no such script or test file.
 */
export function findProjectCommand(
  command: string,
  description: PackageDescription,
  projectRoot: string,
): ProjectCommand | null {
  const parts = command.split(' && ').map((part) => readPart(part, description, projectRoot));
  if (parts.includes(null)) return null;
  return parts.at(-1) ?? null;
}
