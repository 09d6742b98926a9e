import { CALLS } from "./calls.ts";

/** What this origin is and what can be asked of it, for whoever opens it in a browser. */
export function FrontPage({ cell }: { readonly cell: string }) {
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
          <h2 id="calls">Calls</h2>
          <div class="scroll" role="region" aria-labelledby="calls" tabindex={0}>
            <table aria-labelledby="calls">
              <thead>
                <tr>
                  <th scope="col">Call</th>
                  <th scope="col">What it does</th>
                  <th scope="col">Roles</th>
                </tr>
              </thead>
              <tbody>
                {Object.values(CALLS).map(({ method, path, what, roles }) => (
                  <tr>
                    <td>
                      <code>
                        {method} <Path path={path.replaceAll(/:(\w+)/g, "{$1}")} />
                      </code>
                    </td>
                    <td>{what}</td>
                    <td>{roles.join(", ")}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </main>
      </body>
    </html>
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

export const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #8886; }
h1 { font-size: 1.8rem; line-height: 1.2; }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 3px solid; }
@media (max-width: 30rem) { table { font-size: 0.875rem; } th, td { padding-right: 0.5rem; } }
`;
