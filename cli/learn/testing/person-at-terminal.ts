// A person who follows a session of `user-info learn` on a pseudo-terminal, for tests: acts on a simulated platform, and types answers.
import { spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { choicesOf, type Question } from '../../../simulator/learn/questions.ts';
import type { Person } from '../../../simulator/learn/testing/simulated-person.ts';
import { builtProgram } from '../../../tests/built-program.ts';

export interface SessionOptions {
  readonly directory: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** `caFile` is the CA certificate; called when the settings to paste are on the screen. */
  readonly onSettings: (settings: { readonly uri: string; readonly password: string; readonly caFile: string }) => void;
  readonly person: Person;
  /** Keys to type instead of the right answer; undefined: the person types the right answer. */
  readonly misanswer?: (text: string) => string | undefined;
}

const down = '\u001b[B';
const enter = '\r';

/** Keys that choose an entry of a list. */
export const choose = (at: number) => down.repeat(at) + enter;

/** Time limit in case a prompt never appears. */
const maxMs = 240_000;

const settings = /External User Info URI\s+(\S+)[\s\S]*?password (\S+)[\s\S]*?SSL CA file\s+(\S+)/;
/** A prompt that waits for input. Answered prompts begin with a different symbol. */
const prompt = /◆\s+([\s\S]*?[?.)])\n/;

/** Returns the exit code of the command (130 after Ctrl-C) and everything that was shown. */
export function attendSession(
  options: SessionOptions,
): Promise<{ readonly status: number | null; readonly screen: string }> {
  const { directory, args, environment = {}, onSettings, person, misanswer } = options;
  const command = [process.execPath, builtProgram, 'learn', ...args].map((word) => `'${word}'`).join(' ');
  // A terminal without a size would wrap after each character.
  const sized = `stty cols 250 rows 60; ${command}`;
  const terminal = spawn('script', ['--quiet', '--return', '--command', sized, '/dev/null'], {
    ...{ cwd: directory, timeout: maxMs, env: { ...process.env, ...environment } },
  });
  let screen = '';
  let read = 0;
  let hasSettings = false;

  async function react(text: string): Promise<void> {
    const keys = misanswer?.(text) ?? (await answer(text));
    if (keys !== null) terminal.stdin.write(keys);
  }

  async function answer(text: string): Promise<string | null> {
    const [, pressed] = /let the platform synchronize (.+?) \(press Sync/.exec(text) ?? [];
    if (pressed !== undefined) {
      person.press(pressed);
      return null;
    }
    if (/^(Do the names of all users|Run the \d+ experiments with unusual)/.test(text)) return enter;
    const [question, userid] = readQuestion(text);
    const right = await person.answer(question, userid);
    return choose(choicesOf(question).findIndex(({ value }) => value === right));
  }

  return new Promise((resolve, reject) => {
    terminal.once('error', reject);
    terminal.stdout.setEncoding('utf8').on('data', (part: string) => {
      screen += stripVTControlCharacters(part).replaceAll('\r', '');
      const shown = settings.exec(screen);
      if (!hasSettings && shown !== null) {
        hasSettings = true;
        const [, uri = '', password = '', caFile = ''] = shown;
        onSettings({ uri, password, caFile });
      }
      for (;;) {
        const found = prompt.exec(screen.slice(read));
        if (found === null) return;
        read += found.index + found[0].length;
        react(found[1] ?? '').catch((error) => {
          terminal.kill();
          reject(error);
        });
      }
    });
    terminal.once('close', (status) => resolve({ status, screen }));
  });
}

function readQuestion(text: string): readonly [Question, string] {
  const [, state] = /^Which state does the platform show for (.+)\?$/.exec(text) ?? [];
  if (state !== undefined) return [{ kind: 'state', names: [] }, state];
  if (text === 'Does the platform show any test user as disabled?') return [{ kind: 'any-disabled', names: [] }, ''];
  const [, ended] = /^Does the platform show that the sync of (.+) has ended\?$/.exec(text) ?? [];
  if (ended !== undefined) return [{ kind: 'ended', names: [] }, ended];
  const [, spelled, speller] = /^How does the platform spell the (group|attribute) of (.+)\?$/.exec(text) ?? [];
  if (speller !== undefined) {
    const [kind, name] =
      spelled === 'group' ? (['group-case', 'Learn-Case'] as const) : (['attribute-case', 'LearnCase'] as const);
    return [{ kind, names: [name, name.toLowerCase(), name.toUpperCase()] }, speller];
  }
  const [, userid, items] = /^Does (\S+) have (?:all of these: |the )(.+)\?$/.exec(text) ?? [];
  if (userid === undefined || items === undefined) throw new Error(`an unknown prompt: ${text}`);
  const names = items.split(', ').map((item) => {
    const [, value, attribute] = /^value (\S+) of the attribute (\S+)$/.exec(item) ?? [];
    return value === undefined ? item.replace('group ', '') : `${attribute}=${value}`;
  });
  return [{ kind: 'all', names }, userid];
}
