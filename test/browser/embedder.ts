import { createServer } from "node:http";

/** A retailer's page that frames the card form and keeps what it is told. */
export interface Embedder {
  readonly origin: string;
  readonly close: () => Promise<void>;
}

/** `/?<address>` frames the address; every other path is a blank page. */
export async function startEmbedder(): Promise<Embedder> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? "/", "http://embedder.test");
    const address = decodeURIComponent(search.slice(1));
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(
      pathname === "/"
        ? `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
           <script>const told = []; addEventListener("message", ({ data, origin }) => told.push({ data, origin }));</script>
           <iframe title="Card" width="400" height="700" src="${address}"></iframe>`
        : `<!doctype html><html lang="en"><title>Back</title><link rel="icon" href="data:,"><h1>Back</h1>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
