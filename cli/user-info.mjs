#!/usr/bin/env node
// Launcher of the program `user-info`. In a clone, it first builds the program if necessary.
import { existsSync } from 'node:fs';

// The package does not contain this file: only a clone can be built.
const builder = new URL('../tests/build-when-due.mjs', import.meta.url);
if (existsSync(builder)) {
  const { buildWhenDue } = await import(builder.href);
  await buildWhenDue(process.argv.slice(2));
}
await import(new URL('../dist/cli/main.js', import.meta.url).href);
