import type { Child } from "hono/jsx";
import { callsByArea } from "./call-areas.ts";
import { CALLS, type Call } from "./calls.ts";

/** What this origin is and what can be asked of it, for whoever opens it in a browser. */
export function FrontPage({ cell }: { readonly cell: string }) {
  const areas = callsByArea(Object.values(CALLS));
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Cartwright operations, cell {cell}</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <main>
          <h1>Cartwright operations, cell {cell}</h1>
          <p>
            The origin for staff and provisioning of this cell's stores and carts. Every call needs a staff token of
            this cell as a bearer token; it is good for ten minutes and for the roles that it names.
          </p>
          <nav aria-label="Calls by area">
            <ul>
              {areas.map(({ id, title, calls }) => (
                <li>
                  <a href={`#${id}`}>{title}</a> ({calls.length})
                </li>
              ))}
            </ul>
          </nav>
          {areas.map(({ id, title, calls }) => (
            <section aria-labelledby={id}>
              <h2 id={id}>{title}</h2>
              <dl>
                {calls.map((call) => (
                  <CallView {...call} />
                ))}
              </dl>
            </section>
          ))}
        </main>
      </body>
    </html>
  );
}

function CallView({ method, path, what, roles }: Call) {
  return (
    <div>
      <dt>
        <code>
          {method} <Path path={path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}")} />
        </code>
      </dt>
      <dd>{spans(what)}</dd>
      <dd class="roles">
        {roles.length === 1 ? "Role" : "Roles"}: {roles.join(", ")}
      </dd>
    </div>
  );
}

/** A narrow column breaks a path between its segments, never inside one. */
function Path({ path }: { readonly path: string }) {
  return (
    <>
      {path.split(/(?<=\/)/).map((segment) => (
        <>
          {segment}
          <wbr />
        </>
      ))}
    </>
  );
}

/** Every second piece between backticks is code. */
function spans(text: string): Child[] {
  return text.split("`").map((piece, index) => (index % 2 === 1 ? <code>{piece}</code> : piece));
}

export const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.8rem; line-height: 1.2; }
h2 { margin: 1.75rem 0 0.25rem; font-size: 1.25rem; line-height: 1.3; }
code { font-family: ui-monospace, monospace; font-size: 0.875rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0 1.25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; padding: 0.25rem 0; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
dl { margin: 0; }
dl > div { padding: 0.35rem 0; border-bottom: 1px solid #8886; line-height: 1.35; }
dt { overflow-wrap: anywhere; }
dd { display: inline; margin: 0 0.5rem 0 0; }
.roles { display: inline-block; color: light-dark(#555d66, #a9b0b8); font-size: 0.875rem; }
@media (min-width: 60rem) {
  dl > div { display: grid; grid-template-columns: 26rem 1fr 14rem; gap: 0 1.5rem; }
  dd { margin: 0; }
}
`;
