import { onTheAir, type CountedMessage } from "../../cart-fw/sim/modem-traffic.ts";

/** What the messages of one kind cost, bytes; the largest of each. */
export interface MessageBytes {
  readonly request: string;
  readonly count: number;
  /** HTTP/1.1 with head, as it goes into TLS. */
  readonly up: number;
  readonly down: number;
  /** With TLS records and packets, on a kept connection. */
  readonly onTheAir: number;
}

/** By kind, in the order in which the kinds came first. */
export function bytesByMessage(messages: readonly CountedMessage[]): MessageBytes[] {
  const kinds = [...new Set(messages.map(({ request }) => request))];
  return kinds.map((request) => {
    const mine = messages.filter((message) => message.request === request);
    return {
      request,
      count: mine.length,
      up: Math.max(...mine.map(({ up }) => up)),
      down: Math.max(...mine.map(({ down }) => down)),
      onTheAir: Math.max(...mine.map(onTheAir)),
    };
  });
}

/** TLS 1.2 with an edge's certificate chain, both ways: a full handshake, and one that resumes a session. */
const FULL_HANDSHAKE = 2_346;
const RESUMED_HANDSHAKE = 532;

/** What a trip costs on the air, all in, with a connection that had to be resumed so many times. */
export function tripBytes(messages: readonly CountedMessage[], resumptions: number): number {
  const said = messages.reduce((sum, message) => sum + onTheAir(message), 0);
  return said + FULL_HANDSHAKE + resumptions * RESUMED_HANDSHAKE;
}

/** The figures as a table for docs/SIZE.md. */
export function bytesTable(rows: readonly MessageBytes[]): string {
  return [
    "| message | up | down | on the air, all in |",
    "| --- | ---: | ---: | ---: |",
    ...rows.map(
      ({ request, up, down, onTheAir }) => `| ${request.replace("POST ", "")} | ${up} | ${down} | ${onTheAir} |`,
    ),
  ].join("\n");
}
