// Bar charts as SVG, for pages without scripts.

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The ends of the spread, drawn as a line; equal to `value` if there is no spread. */
  readonly low: number;
  readonly high: number;
}

const width = 820;
const labelWidth = 300;
const valueWidth = 90;
const rowHeight = 24;
const headHeight = 34;

/** Draws horizontal bars from zero, in the given order, with ours in a different color. */
export function plotBars(title: string, bars: readonly Bar[]): string {
  const height = headHeight + bars.length * rowHeight + 10;
  const scale = (width - labelWidth - valueWidth) / Math.max(...bars.map(({ high }) => high));
  const x = (value: number) => (labelWidth + value * scale).toFixed(1);
  const rows = bars.map(({ label, value, low, high }, index) => {
    const top = headHeight + index * rowHeight;
    const middle = top + rowHeight / 2;
    const fill = /\bours\b|^packed$|^all |guards?$/.test(label) ? '#2457a6' : '#9aa7b8';
    return [
      `<text x="${labelWidth - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${labelWidth}" y="${top + 4}" width="${(value * scale).toFixed(1)}" height="${rowHeight - 8}" fill="${fill}"/>`,
      ...(low === high
        ? []
        : [
            `<path d="M${x(low)} ${middle}H${x(high)}M${x(low)} ${middle - 4}v8M${x(high)} ${middle - 4}v8" stroke="#111"/>`,
          ]),
      `<text x="${(labelWidth + high * scale + 8).toFixed(1)}" y="${middle + 4}">${value.toLocaleString('en')}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#111">
<title>${escapeXml(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="8" y="20" font-size="14" font-weight="bold">${escapeXml(title)}</text>
${rows.join('\n')}
</svg>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
