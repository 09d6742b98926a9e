/** The card form's stylesheet: both colour schemes, 320 px and up, no image, no font, no other origin. */
export const STYLES = `:root {
  color-scheme: light dark;
  --ink: light-dark(#1b1f24, #e8eaed);
  --muted: light-dark(#555d66, #b3bac2);
  --line: light-dark(#767f89, #8b939c);
  --paper: light-dark(#ffffff, #15181c);
  --field: light-dark(#ffffff, #1e2329);
  --action: light-dark(#0b57a4, #8ab8f5);
  --on-action: light-dark(#ffffff, #10243b);
  --wrong: light-dark(#a3161b, #ff9d98);
  --right: light-dark(#146c2e, #7fd494);
  font: 1rem/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 28rem; padding: 1rem; background: var(--paper); color: var(--ink); overflow-wrap: break-word; }
[hidden] { display: none !important; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 0.75rem; }
h2 { font-size: 1.125rem; line-height: 1.3; margin: 0 0 0.25rem; }
p { margin: 0 0 1rem; }
a { color: var(--action); }
:focus-visible { outline: 3px solid var(--action); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { position: static; display: inline-block; padding: 0.5rem 0; }
.field { margin-bottom: 1rem; }
label { display: block; font-weight: 600; }
.hint, .error { margin: 0.125rem 0 0.375rem; font-size: 0.875rem; line-height: 1.4; }
.hint { color: var(--muted); }
.error { color: var(--wrong); font-weight: 600; }
input { width: 100%; min-height: 2.875rem; padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-radius: 0.375rem; background: var(--field); color: inherit; font: inherit; font-variant-numeric: tabular-nums; letter-spacing: 0.02em; }
#expiry, #code { max-width: 9rem; }
input[aria-invalid="true"] { border: 2px solid var(--wrong); }
button { width: 100%; min-height: 3rem; padding: 0.625rem 1rem; border: 0; border-radius: 0.375rem; background: var(--action); color: var(--on-action); font: inherit; font-weight: 600; cursor: pointer; }
button:disabled, button[aria-disabled="true"] { opacity: 0.65; cursor: default; }
.box { margin: 0 0 1rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-inline-start-width: 0.375rem; border-radius: 0.375rem; }
.box ul { margin: 0; padding-inline-start: 1.25rem; }
.box li { padding: 0.25rem 0; }
.wrong { border-color: var(--wrong); }
.wrong h2, .wrong a { color: var(--wrong); }
.right { border-color: var(--right); }
.right h2 { color: var(--right); }
.right p:last-child { margin: 0; }
#progress { min-height: 1.5rem; margin: 0.5rem 0 0; color: var(--muted); text-align: center; }
nav { margin-top: 1.5rem; border-top: 1px solid var(--line); padding-top: 0.5rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 0.375rem 0; }
nav a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
@media (min-width: 26rem) {
  body { padding: 2rem 1.5rem; }
}
@media (forced-colors: active) {
  button { border: 1px solid ButtonText; }
}
`;
