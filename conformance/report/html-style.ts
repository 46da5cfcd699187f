// Style of the HTML report: light and dark, from phones to wide screens, and print.

/** One style sheet without fonts, images or other external resources. */
export const htmlStyle = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #fff; --ink: #1a2029; --soft: #525c6b; --line: #dde1e7; --code: #f0f2f5; --focus: #1657c2;
  --bad: #b42318; --bad-bg: #fdeceb; --leak: #8a4200; --leak-bg: #fdf0e1; --warn: #6b5200; --warn-bg: #fbf3d3;
  --good: #146c3c; --good-bg: #e4f5ea; --calm: #3f4a5a; --calm-bg: #e9edf2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #191f27; --ink: #e7ebf0; --soft: #a6b0be; --line: #2d3642; --code: #10141a; --focus: #8ab6ff;
    --bad: #ff9c92; --bad-bg: #3a1a18; --leak: #ffb877; --leak-bg: #38230f; --warn: #eccb62; --warn-bg: #322a0e;
    --good: #7fdba2; --good-bg: #12301f; --calm: #bfc9d6; --calm-bg: #262f3a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main, header, footer { max-width: 58rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2rem; }
footer { padding-bottom: 3rem; color: var(--soft); font-size: .875rem; }
h1 { margin: 0; font-size: clamp(1.5rem, 1.1rem + 2vw, 2.25rem); line-height: 1.2; letter-spacing: -.015em; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; letter-spacing: -.01em; }
h3 { margin: .5rem 0 .25rem; font-size: 1.0625rem; line-height: 1.35; }
h4 { margin: 1rem 0 .25rem; font-size: .875rem; color: var(--soft); font-weight: 600; }
p { margin: .5rem 0; }
a { color: var(--focus); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .875em; }
pre {
  margin: .25rem 0; padding: .625rem .75rem; border-radius: .5rem; background: var(--code);
  white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);
}
pre code { font-size: 1em; }
.tags code { font-size: .8125rem; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
.kicker { margin: 0 0 .25rem; color: var(--soft); font-size: .875rem; }
.target { margin: .5rem 0 0; color: var(--soft); }
.verdict { margin: 1.25rem 0 0; padding: 1rem 1.25rem; border-radius: .75rem; border-left: .375rem solid; }
.verdict p { margin: .25rem 0 0; color: var(--ink); }
.verdict strong { font-size: 1.25rem; }
.conforms { background: var(--good-bg); color: var(--good); border-color: var(--good); }
.does-not-conform { background: var(--bad-bg); color: var(--bad); border-color: var(--bad); }
.could-not-run, .stale { background: var(--warn-bg); color: var(--warn); border-color: var(--warn); }
.bar { display: block; width: 100%; height: .5rem; margin: 1.5rem 0 0; border-radius: .25rem; background: var(--line); }
.bar .passed { fill: var(--good); } .bar .failed { fill: var(--bad); } .bar .known { fill: var(--leak); }
.bar .open, .bar .warned { fill: var(--warn); } .bar .info { fill: var(--soft); } .bar .skipped { fill: var(--soft); }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .5rem; margin: .75rem 0 0; padding: 0; }
.counts div { padding: .625rem .75rem; border-radius: .625rem; background: var(--card); border: 1px solid var(--line); }
.counts dt { color: var(--soft); font-size: .8125rem; }
.counts dd { margin: 0; font-size: 1.5rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.counts .passed dd { color: var(--good); } .counts .failed dd { color: var(--bad); } .counts .known dd { color: var(--leak); }
.counts .open dd, .counts .warned dd { color: var(--warn); }
.finding, .fold {
  margin: .75rem 0; padding: .875rem 1.125rem; border-radius: .75rem; background: var(--card); border: 1px solid var(--line);
}
.finding { border-left: .375rem solid var(--calm); }
.finding.silently-wrong-access { border-left-color: var(--bad); }
.finding.information-leak { border-left-color: var(--leak); }
.finding.refused { border-left-color: var(--warn); }
.tags { display: flex; flex-wrap: wrap; gap: .375rem; align-items: center; margin: 0; font-size: .8125rem; }
.tag { padding: .0625rem .5rem; border-radius: 1rem; font-weight: 600; background: var(--calm-bg); color: var(--calm); }
.tag.silently-wrong-access { background: var(--bad-bg); color: var(--bad); }
.tag.information-leak { background: var(--leak-bg); color: var(--leak); }
.tag.refused { background: var(--warn-bg); color: var(--warn); }
.soft { color: var(--soft); font-size: .875rem; }
.message { white-space: pre-line; }
.pairs { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .25rem 1rem; margin: .5rem 0; }
.pairs dt { color: var(--soft); } .pairs dd { margin: 0; }
.pairs.wide { grid-template-columns: 1fr auto; } .pairs.wide dt { color: var(--ink); } .pairs.wide dd { color: var(--soft); }
.topics { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
.topics th, .topics td { padding: .375rem .75rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
.topics thead th { color: var(--soft); font-size: .875rem; font-weight: 600; border-top: 0; }
.topics tbody th { font-weight: 500; border-left: .375rem solid var(--line); } .topics td { color: var(--soft); }
.topics .failed th { border-left-color: var(--bad); } .topics .warning th { border-left-color: var(--warn); }
.topics .passed th { border-left-color: var(--good); }
h3.topic { margin-top: 1.5rem; }
.evidence { margin: .5rem 0 0; padding: 0; }
summary { cursor: pointer; font-weight: 600; }
summary .soft { font-weight: 400; }
details.fix { margin: .375rem 0; }
details.fix summary { font-size: .875rem; }
ul.checks { list-style: none; margin: .5rem 0 0; padding: 0; }
ul.checks li { padding: .5rem 0; border-top: 1px solid var(--line); }
ul.checks code { color: var(--soft); display: inline-block; max-width: 100%; }
@media (max-width: 34rem) {
  .pairs, .pairs.wide { grid-template-columns: 1fr; gap: 0; } .pairs dd { margin-bottom: .5rem; }
  .finding, .fold { padding: .75rem .875rem; }
}
@media print {
  :root {
    --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f5f5f5; color-scheme: light;
    --bad: #b42318; --bad-bg: #fdeceb; --leak: #8a4200; --leak-bg: #fdf0e1; --warn: #6b5200; --warn-bg: #fbf3d3;
    --good: #146c3c; --good-bg: #e4f5ea; --calm: #3f4a5a; --calm-bg: #e9edf2;
  }
  body { font-size: 10pt; print-color-adjust: exact; }
  main, header, footer { max-width: none; padding: 0; }
  .finding, .counts, .verdict { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  /* Links and buttons have no function in print. */
  summary { list-style: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
