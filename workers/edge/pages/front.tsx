import { Page, render } from "./page.tsx";

const CELLS: Readonly<Record<string, string>> = { us: "United States", eu: "European Union" };

/** What someone sees who opens the origin in a browser. */
export function frontPage(cell: string): Promise<string> {
  return render(
    <Page title="Cartwright API">
      <h1>Cartwright</h1>
      <p>
        This is the public API of Cartwright's cell for the {CELLS[cell] ?? cell}: smart shopping carts, their shoppers'
        apps and receipts.
      </p>
      <ul>
        <li>
          <a href="/docs">Documentation</a>
        </li>
        <li>
          <a href="/openapi.json">OpenAPI 3.1 description</a>
        </li>
      </ul>
      <p class="muted">
        Looking for a receipt? Open the link, or scan the code, that the cart showed at the end of the trip.
      </p>
    </Page>,
  );
}
