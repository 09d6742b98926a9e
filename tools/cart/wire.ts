/** HTTP as a minimal cart speaks it, and what it costs. */
export interface Traffic {
  /** Requests sent, repeats included. */
  requests: number;
  /** Bytes of HTTP/1.1: request line, the three headers that a cart needs, body. Without TLS and TCP. */
  bytesUp: number;
  /** Status line, the headers that came, body. */
  bytesDown: number;
}

export interface Exchange {
  readonly status: number;
  readonly body: Uint8Array;
  /** Seconds that the server asks to wait; null when it doesn't. */
  readonly retryAfter: number | null;
}

/** The link between cart and cell. It may lose, repeat and reorder; a rejection means that no answer came. */
export interface Channel {
  deliver(send: () => Promise<Exchange>): Promise<Exchange>;
}

export const DIRECT: Channel = { deliver: (send) => send() };

export interface Request {
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * One POST. Rejects when no answer came within `timeoutMs`; every answer, a 503 too, resolves.
 * Repeating is safe: a frame is its own idempotency key.
 */
export async function post(
  origin: string,
  request: Request,
  using: { readonly fetch: Fetch; readonly timeoutMs: number; readonly traffic: Traffic },
): Promise<Exchange> {
  const { fetch, timeoutMs, traffic } = using;
  traffic.requests += 1;
  traffic.bytesUp += requestSize(origin, request);
  const response = await fetch(new URL(request.path, origin).href, {
    method: "POST",
    headers: { "content-type": request.contentType },
    body: request.body,
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const body = new Uint8Array(await response.arrayBuffer());
  traffic.bytesDown += responseSize(response, body.length);
  return { status: response.status, body, retryAfter: secondsOf(response.headers.get("retry-after")) };
}

const CRLF = 2;

function requestSize(origin: string, { path, contentType, body }: Request): number {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${body.length}`,
    "",
  ];
  return sizeOf(lines) + body.length;
}

function responseSize(response: Response, bodySize: number): number {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`);
  return sizeOf([`HTTP/1.1 ${response.status} ${response.statusText}`, ...headers, ""]) + bodySize;
}

/** Header bytes are ASCII. */
function sizeOf(lines: readonly string[]): number {
  return lines.reduce((size, line) => size + line.length + CRLF, 0);
}

function secondsOf(header: string | null): number | null {
  return header !== null && /^[0-9]{1,6}$/.test(header) ? Number(header) : null;
}
