import { onTheAir, type CountedMessage } from "../../cart-fw/sim/modem-traffic.ts";

/** What the messages of one kind cost, bytes: the one in the middle of all, by what it costs. */
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
    const mine = messages
      .filter((message) => message.request === request)
      .toSorted((one, other) => onTheAir(one) - onTheAir(other));
    const { up = 0, down = 0 } = mine[Math.floor(mine.length / 2)] ?? {};
    return { request, count: mine.length, up, down, onTheAir: onTheAir({ request, up, down }) };
  });
}

/** TLS 1.2 with an edge's certificate chain, both ways: a full handshake, and one that resumes a session. */
const FULL_HANDSHAKE = 2_346;
const RESUMED_HANDSHAKE = 532;

/**
 * What an edge in front of the cell adds to an answer's head: the local runtime sends a status line, Content-Type and
 * Content-Length, 71 bytes; an edge sends Date, Server and its own ids besides, 212 in all.
 */
const EDGE_HEAD = 212 - 71;

/**
 * What a trip of so many messages like these costs on the air, all in, an edge's heads too, with a connection that had to
 * be resumed so many times.
 */
export function tripBytes(messages: readonly CountedMessage[], count: number, resumptions: number): number {
  const said = messages.reduce((sum, message) => sum + onTheAir(message) + EDGE_HEAD, 0);
  return Math.round((said / messages.length) * count) + FULL_HANDSHAKE + resumptions * RESUMED_HANDSHAKE;
}

/** What is not, within 2 %, as docs/BYTES.md says. */
export function bytesProblems(document: string, rows: readonly MessageBytes[]): string[] {
  return rows.flatMap(({ request, onTheAir }) => {
    const path = request.replace("POST ", "");
    const said = document.split("\n").find((line) => line.startsWith(`| ${path} |`));
    const documented = Number(said?.split("|")[4]);
    return onTheAir <= documented * 1.02 && onTheAir >= documented * 0.98
      ? []
      : [`${path}: ${onTheAir} bytes on the air, ${said === undefined ? "not" : documented} in the document`];
  });
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
