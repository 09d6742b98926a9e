import { createServer, type IncomingMessage, type Server } from "node:http";
import { originHash } from "./file-store.ts";
import type { Witness } from "./witness.ts";

/** A note of the largest size with a proof of 63 hashes fits. */
const MAX_BODY = 32_768;

/** The witness over HTTP: `POST /add-checkpoint`, `GET /<origin hash>/checkpoint` (C2SP tlog-witness). */
export function witnessDoor(witness: Witness): Server {
  return createServer((request, response) => {
    const send = (status: number, type: string, body: string): void => {
      response.writeHead(status, { "content-type": type }).end(body);
    };
    answer(witness, request).then(
      ({ status, type, body }) => send(status, type, body),
      (error: Error) => {
        console.error(JSON.stringify({ event: "witness_failed", error: error.message }));
        send(500, "text/plain; charset=utf-8", "the witness failed\n");
      },
    );
  });
}

async function answer(
  witness: Witness,
  request: IncomingMessage,
): Promise<{ readonly status: number; readonly type: string; readonly body: string }> {
  const { pathname } = new URL(request.url ?? "/", "http://witness.invalid");
  const type = "text/plain; charset=utf-8";
  if (pathname === "/add-checkpoint") {
    if (request.method !== "POST") return { status: 405, type, body: "POST\n" };
    const body = await bodyOf(request);
    return body === null ? { status: 413, type, body: "too large\n" } : witness.addCheckpoint(body);
  }
  const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(pathname)?.[1];
  const origin = witness.origins.find((each) => originHash(each) === hash);
  const note = origin === undefined ? null : await witness.latest(origin);
  if (note === null) return { status: 404, type, body: "nothing was cosigned\n" };
  return request.method === "GET" ? { status: 200, type, body: note } : { status: 405, type, body: "GET\n" };
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
