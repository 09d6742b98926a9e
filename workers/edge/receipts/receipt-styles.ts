/** Served as a file of its own (`/r/receipt.css`): the pages carry no style, so the CSP needs no exception. */
export const receiptStyles = `
:root { color-scheme: light dark; --line: #767676; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; padding: 1rem; max-width: 42rem; background: Canvas; color: CanvasText; }
header, main, footer { overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 1.5rem 0 .25rem; }
address { font-style: normal; white-space: pre-line; }
dl { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .125rem 1rem; margin: .5rem 0; }
dt { font-weight: 600; }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: break-word; }
caption { text-align: start; }
th, td { padding: .35rem .5rem .35rem 0; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-inline-end: 0; }
thead th, tbody th { hyphens: auto; }
tbody th { font-weight: 400; }
.number { text-align: end; white-space: nowrap; }
.total { font-size: 1.35rem; font-weight: 700; display: flex; justify-content: space-between; gap: 1rem; }
.note { border-inline-start: .25rem solid var(--line); padding-inline-start: .75rem; }
summary { min-height: 1.5rem; padding: .5rem 0; cursor: pointer; font-weight: 600; }
a, summary { outline-offset: .2rem; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: .2rem solid currentColor; }
.skip { position: absolute; inset-inline-start: -999rem; }
.skip:focus { position: static; }
code { font-size: .875rem; overflow-wrap: anywhere; }
@media screen and (max-width: 30rem) { table { font-size: .875rem; } }
@media (max-width: 26rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: .35rem; } }
@media print {
  :root { color-scheme: light; font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  .skip, .screen { display: none; }
  .scroll { overflow: visible; }
  tr, dl { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
@media print and (max-width: 80mm) {
  :root { font-size: 8pt; line-height: 1.25; }
  h1 { font-size: 11pt; }
  h2 { font-size: 9pt; margin-top: 3mm; }
  dl { display: block; }
  dt, dd { display: inline; }
  dd::after { content: ""; display: block; }
  th, td { padding: .5mm 1mm .5mm 0; border-bottom-style: dotted; }
  .unit { display: none; }
}
@page { margin: 10mm; }
`.trimStart();
