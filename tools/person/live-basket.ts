import { LIVE_BEARER, LIVE_PROTOCOL, type LiveMessage } from "../../protocol/rooms/live.ts";

/** What came over the socket, in order; the last one is its end. */
export type LiveEvent =
  | { readonly kind: "message"; readonly message: LiveMessage }
  | { readonly kind: "pong" }
  | { readonly kind: "closed"; readonly code: number };

/** A device that follows a trip as a page does: the token is a subprotocol, as a page can set no header. */
export class LiveBasket {
  readonly #socket: WebSocket;
  readonly #seen: LiveEvent[] = [];
  #waiting: (() => void) | null = null;

  /** @param apiOrigin e.g. `http://127.0.0.1:8797` */
  constructor(apiOrigin: string, token: string) {
    const url = `${apiOrigin.replace(/^http/, "ws")}/v1/me/session/live`;
    this.#socket = new WebSocket(url, [LIVE_PROTOCOL, `${LIVE_BEARER}${token}`]);
    this.#socket.addEventListener("message", ({ data }) => {
      const text = String(data);
      this.#add(text === "pong" ? { kind: "pong" } : { kind: "message", message: JSON.parse(text) as LiveMessage });
    });
    this.#socket.addEventListener("close", ({ code }) => this.#add({ kind: "closed", code }));
  }

  /** What came next; waits for it. @throws Error when nothing comes in time */
  async next(withinMs = 10_000): Promise<LiveEvent> {
    const late = Date.now() + withinMs;
    for (;;) {
      const event = this.#seen.shift();
      if (event !== undefined) return event;
      if (Date.now() >= late) throw new Error("nothing came over the socket in time");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, late - Date.now());
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  close(): void {
    this.#socket.close(1000);
  }

  #add(event: LiveEvent): void {
    this.#seen.push(event);
    this.#waiting?.();
    this.#waiting = null;
  }
}
