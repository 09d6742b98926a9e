import { shopperBasket } from "../../protocol/rooms/basket-json.ts";
import {
  LIVE_CLOSE,
  LIVE_CUSTOMER_HEADER,
  LIVE_DEVICES,
  LIVE_PROTOCOL,
  LIVE_UNTIL_HEADER,
  type LiveEnd,
  type LiveMessage,
} from "../../protocol/rooms/live.ts";
import type { BasketView } from "../../protocol/rooms/sessions.ts";
import { isOnTrip, isOver, type Trip } from "./trip.ts";

/** What is kept with a socket while the object sleeps. */
interface Listener {
  /** The one-trip number of the shopper who opened it. */
  readonly customer: string;
  /** Milliseconds since the epoch: the end of their access token. */
  readonly until: number;
  /** Counts up: the runtime's list of sockets has no order. */
  readonly place: number;
}

/**
 * The shopper's devices that follow a trip. The sockets hibernate: they cost nothing while nothing happens, and write no
 * row. A device gets the whole basket at first and after each change, so a lost message loses nothing.
 */
export class Live {
  readonly #ctx: DurableObjectState;
  /** What was said last; gone after a sleep, when the first change is said once more. */
  #last: string | null = null;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    // Answered by the runtime, without waking the object.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** @returns 101; 404 when who asks is not on the trip, or not any more: another shopper may have tapped since */
  accept(request: Request, trip: Trip | null, view: (trip: Trip) => BasketView): Response {
    const until = Number(request.headers.get(LIVE_UNTIL_HEADER));
    const customer = request.headers.get(LIVE_CUSTOMER_HEADER);
    if (trip === null || customer === null || isOver(trip) || !isOnTrip(trip, customer))
      return new Response(null, { status: 404 });
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket" || !Number.isSafeInteger(until))
      return new Response(null, { status: 400 });
    const { 0: client, 1: server } = new WebSocketPair();
    const place = this.#makeRoom();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment({ customer, until, place } satisfies Listener);
    server.send(JSON.stringify(messageOf(view(trip))));
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "sec-websocket-protocol": LIVE_PROTOCOL },
    });
  }

  /** After a command: says what changed, to those who may still know. */
  tell(trip: Trip | null, view: (trip: Trip) => BasketView, now: number): void {
    const sockets = this.#open();
    if (sockets.length === 0) return;
    const text = trip === null ? null : JSON.stringify(messageOf(view(trip)));
    for (const socket of sockets) {
      const why = trip === null ? "ended" : reasonToClose(socket.deserializeAttachment() as Listener, trip, now);
      const maySee = why === null || why === "ended";
      if (maySee && text !== null && text !== this.#last) socket.send(text);
      if (why !== null) close(socket, why);
    }
    this.#last = text;
  }

  /** Nothing is taken from a device; `ping` was answered before it came here. */
  refuse(socket: WebSocket): void {
    close(socket, "not_taken");
  }

  /** A socket that was closed here stays in the list until the other side has answered. */
  #open(): WebSocket[] {
    return this.#ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.READY_STATE_OPEN);
  }

  /** The newest devices win: those that a person has in hand. @returns the next one's place */
  #makeRoom(): number {
    const sockets = this.#open().toSorted((a, b) => placeOf(a) - placeOf(b));
    for (const socket of sockets.slice(0, Math.max(0, sockets.length - LIVE_DEVICES + 1))) close(socket, "too_many");
    const last = sockets.at(-1);
    return last === undefined ? 0 : placeOf(last) + 1;
  }
}

const placeOf = (socket: WebSocket): number => (socket.deserializeAttachment() as Listener).place;

function messageOf(view: BasketView): LiveMessage {
  return { type: "basket", basket: shopperBasket(view) };
}

/** Why a device may not, or need not, listen any more; null: it may. */
function reasonToClose({ customer, until }: Listener, trip: Trip, now: number): LiveEnd | null {
  if (until <= now) return "token_expired";
  if (isOver(trip)) return "ended";
  return customer === trip.customer ? null : "unlinked";
}

/** Said as a text too: a page hears of a close only once the connection is gone. */
function close(socket: WebSocket, why: LiveEnd): void {
  const [code, reason] = LIVE_CLOSE[why];
  socket.send(JSON.stringify({ type: "closed", why } satisfies LiveMessage));
  socket.close(code, reason);
}
