/** The style of the front page and the documentation: classless, both colour schemes, readable without it. */
export const siteStyles = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1f24, #e8eaed);
  --muted: light-dark(#555d66, #a9b0b8);
  --line: light-dark(#d5dae0, #3a4149);
  --paper: light-dark(#ffffff, #15181c);
  --raised: light-dark(#f4f6f8, #1e2329);
  --link: light-dark(#0b57a4, #8ab8f5);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1 { font-size: 1.8rem; line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: 0.25rem; }
h3 { margin-top: 2rem; font-size: 1.05rem; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 0.3rem; padding: 0.75rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.75rem 0.35rem 0; text-align: left; vertical-align: top; }
summary { cursor: pointer; padding: 0.35rem 0; }
.scroll { overflow-x: auto; }
td code, td a { overflow-wrap: anywhere; }
.refusals { margin: 0.5rem 0 0; font-size: 0.9em; }
.refusals span { display: inline-block; }
.problems { margin: 0; }
.problems > div { padding: 0.35rem 0; border-bottom: 1px solid var(--line); }
.problems dt { font-weight: 600; }
.problems dd { margin: 0; }
@media (min-width: 40rem) { .problems > div { display: grid; grid-template-columns: 17rem 1fr; gap: 0 1rem; } }
.contents ul { margin: 0; padding: 0; list-style: none; }
.contents > ul { columns: 2 20rem; column-gap: 2rem; border: 1px solid var(--line); border-radius: 0.3rem; padding: 0.5rem 1rem; background: var(--raised); }
.contents > ul > li { break-inside: avoid; padding: 0.25rem 0; font-weight: 600; }
.contents li li { font-weight: 400; overflow-wrap: anywhere; }
.contents a { display: inline-block; padding: 0.125rem 0; text-decoration-thickness: 1px; }
.muted { color: var(--muted); }
.skip { position: absolute; left: -999px; }
.skip:focus { position: static; }
`;
