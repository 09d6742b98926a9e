import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface HttpDoor {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * Gives a Worker that runs alone a port on 127.0.0.1, for the parties that reach it over HTTP. An answer whose body
 * breaks off is broken off here too.
 */
export async function httpDoor(answer: (path: string, init: RequestInit) => Promise<Response>): Promise<HttpDoor> {
  const server = createServer((request, response) => {
    forward(request, response, answer).catch(() => response.destroy());
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

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (path: string, init: RequestInit) => Promise<Response>,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection|content-length)$/.test(name));
  const answered = await answer(request.url ?? "/", {
    method: request.method ?? "GET",
    headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
    ...(request.method === "POST" ? { body: Buffer.concat(chunks) } : {}),
  });
  const body = new Uint8Array(await answered.arrayBuffer());
  response.writeHead(answered.status, { "content-type": answered.headers.get("content-type") ?? "text/plain" });
  response.end(body);
}
