// Terminal recording of the README's first commands as an animated SVG, drawn from the README's tested blocks.
import { readFileSync } from 'node:fs';
import { toXmlText } from '../../conformance/report/junit-report.ts';
import { type ConsoleStep, readSteps } from '../console-blocks.ts';
import { findFencedBlocks } from '../markdown.ts';

const columns = 106;
const rows = 26;
const lineHeight = 18;
const charWidth = 7.85;
const margin = 16;
const titleHeight = 30;
/** Duration of a scene in seconds. */
const sceneSeconds = 7;
const scenes = 3;

const width = Math.ceil(columns * charWidth + 2 * margin);
const height = titleHeight + rows * lineHeight + margin;

/** Returns the SVG of the README's first commands: start the server, request a user, test the endpoint. */
export function drawTerminalRecording(): string {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const steps = readSteps(findFencedBlocks(readme)).slice(0, scenes);
  const total = steps.length * sceneSeconds;
  const share = 100 / steps.length;
  const groups = steps.map((step, index) => {
    const delay = (index * sceneSeconds - total).toFixed(0);
    return `<g class="scene" style="animation-delay:${delay}s">\n${drawLines(step).join('\n')}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">
<title>Terminal: start the server, request a user, and test the endpoint</title>
<style>
text { white-space: pre; fill: #d6dbe3 }
.prompt { fill: #7fb6ff; font-weight: bold }
.good { fill: #7fd39a }
.scene { opacity: 0; animation: scene ${total}s linear infinite }
@keyframes scene { 0%, ${(share - 0.5).toFixed(1)}% { opacity: 1 } ${share.toFixed(1)}%, 100% { opacity: 0 } }
@media (prefers-reduced-motion) { .scene { animation: none } .scene:last-of-type { opacity: 1 } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1b1f27"/>
<circle cx="20" cy="16" r="5" fill="#ff5f57"/><circle cx="38" cy="16" r="5" fill="#febc2e"/><circle cx="56" cy="16" r="5" fill="#28c840"/>
${groups.join('\n')}
</svg>
`;
}

/** Returns the first rows of a step, as a terminal shows them: long lines are wrapped. */
function drawLines({ command, expected }: ConsoleStep): string[] {
  const lines = [`$ ${command}`, ...expected].flatMap((line) => wrap(line));
  return lines.slice(0, rows).map((line, index) => {
    const kind = line.startsWith('$ ') ? ' class="prompt"' : /^✓| conforms, /.test(line) ? ' class="good"' : '';
    return `<text x="${margin}" y="${titleHeight + (index + 1) * lineHeight}"${kind}>${toXmlText(line)}</text>`;
  });
}

function wrap(line: string): string[] {
  const pieces = [];
  for (let start = 0; start < Math.max(line.length, 1); start += columns)
    pieces.push(line.slice(start, start + columns));
  return pieces;
}
