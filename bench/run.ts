// Command `npm run bench -- NAME`: runs bench/NAME/bench.ts, compiled like the product, with the remaining arguments.
import { existsSync, readdirSync } from 'node:fs';

const [name = '', ...args] = process.argv.slice(2);
const file = new URL(`./${name}/bench.js`, import.meta.url);
if (name === '' || !existsSync(file)) {
  const names = readdirSync(new URL('.', import.meta.url)).filter((entry) =>
    existsSync(new URL(`./${entry}/bench.js`, import.meta.url)),
  );
  process.stderr.write(`Which benchmark? npm run bench -- ${names.join('|')}\n`);
  process.exit(2);
}
const { run } = (await import(file.href)) as { run: (args: string[]) => Promise<void> };
await run(args);
