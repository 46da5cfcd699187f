// Frame of an HTML page: one file without external resources, with a content security policy that allows no scripts.
import { createHash } from 'node:crypto';
import { html, SafeHtml } from './html-template.ts';

export interface HtmlPage {
  readonly title: string;
  /** One style sheet without external resources. */
  readonly style: string;
  readonly header: SafeHtml;
  readonly main: SafeHtml;
  readonly footer: SafeHtml;
}

/** Returns the whole text of the file. */
export function renderHtmlPage({ title, style, header, main, footer }: HtmlPage): string {
  const styleHash = createHash('sha256').update(style).digest('base64');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new SafeHtml(style)}</style>
</head>
<body>
<header>
${header}
</header>
<main>
${main}
</main>
<footer>${footer}</footer>
</body>
</html>
`.text;
}
