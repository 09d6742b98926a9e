import type { SessionId } from "../../protocol/ids.ts";

/** One request and its answer as they went through TLS; bytes of HTTP/1.1, heads included. */
export interface CountedMessage {
  /** POST /cart/v1/…, with {id} for a session's. */
  readonly request: string;
  up: number;
  down: number;
}

/** What the modem carried. */
export interface ModemTraffic {
  connections: number;
  /** Bytes of TLS, handshakes included, of connections that are over. */
  tlsUp: number;
  tlsDown: number;
  readonly messages: CountedMessage[];
  /** The session that a path named last. */
  session: SessionId | null;
  up(bytes: Uint8Array): void;
  down(bytes: Uint8Array): void;
}

/** Up and down: one TLS 1.2 record each with AES-GCM (5 + 8 + 16 bytes). */
const RECORDS = 2 * 29;
/** IPv4 and TCP without options: request, answer, acknowledgement. */
const PACKETS = 3 * 40;

/** What one message costs on the air, all in, on a kept connection. */
export function onTheAir({ up, down }: CountedMessage): number {
  return up + down + RECORDS + PACKETS;
}

const REQUEST = /^(POST|GET) (\S+) HTTP\/1\.1\r\n/;
const SESSION = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

export function emptyTraffic(): ModemTraffic {
  const messages: CountedMessage[] = [];
  return {
    connections: 0,
    tlsUp: 0,
    tlsDown: 0,
    messages,
    session: null,
    up(bytes) {
      const [, method, path] = REQUEST.exec(Buffer.from(bytes).toString("latin1")) ?? [];
      const last = messages.at(-1);
      // A write that begins no request goes on with the one before.
      this.session = (SESSION.exec(path ?? "")?.[0] as SessionId | undefined) ?? this.session;
      if (method === undefined && last !== undefined) last.up += bytes.length;
      else messages.push({ request: `${method} ${path?.replace(SESSION, "{id}")}`, up: bytes.length, down: 0 });
    },
    down(bytes) {
      const last = messages.at(-1);
      if (last !== undefined) last.down += bytes.length;
    },
  };
}
