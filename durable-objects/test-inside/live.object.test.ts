import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { CartSerial, OneTripCustomer, SessionId, StoreId } from "../../protocol/ids.ts";
import { LIVE_CUSTOMER_HEADER, LIVE_UNTIL_HEADER } from "../../protocol/rooms/live.ts";
import type { ShoppingSession } from "../index.ts";
import { taken } from "../test/answers.ts";
import { FrameMaker } from "../test/frames.ts";
import { MILK, STORE } from "../test/neighbours.ts";

/** The number that the identity room gives whoever has a loyalty number here. */
const OWN = "ab".repeat(16) as OneTripCustomer;
const BEFORE = "cd".repeat(16) as OneTripCustomer;

class Trip {
  readonly id = crypto.randomUUID() as SessionId;
  readonly maker = new FrameMaker(crypto.randomUUID().replaceAll("-", "") as CartSerial, this.id);
  readonly stub = (env as unknown as { SESSIONS: DurableObjectNamespace<ShoppingSession> }).SESSIONS.getByName(this.id);

  async open(): Promise<void> {
    const { cart } = this.maker;
    const frame = new Uint8Array([1]);
    await this.stub.open({ session: this.id, cart, store: STORE as StoreId, frame, boot: 1, firmware: "1.0.0" });
    const events = [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] as const;
    taken("events", (await this.stub.events((await this.maker.frame("events", { events }, 1)) as never)) as never);
  }
  async identify(): Promise<void> {
    const frame = await this.maker.frame("identity", { kind: "loyalty", value: "9123456789012" }, 2);
    taken("identity", (await this.stub.identity(frame as never)) as never);
  }
  /** The status that a device gets which asks for the live basket with a number. */
  async follow(customer: string | null): Promise<number> {
    const named = customer === null ? {} : { [LIVE_CUSTOMER_HEADER]: customer };
    const headers = { upgrade: "websocket", [LIVE_UNTIL_HEADER]: String(Date.now() + 60_000), ...named };
    const answer = await this.stub.fetch("https://session/live", { headers });
    answer.webSocket?.accept();
    answer.webSocket?.close();
    return answer.status;
  }
  async shown(customer: OneTripCustomer): Promise<number | string> {
    const view = await this.stub.viewFor(customer);
    return view.ok ? view.value.totalMinor : view.reason;
  }
}

describe("the basket of a trip", () => {
  let trip: Trip;
  beforeEach(async () => {
    trip = new Trip();
    await trip.open();
  });

  test("is shown to the shopper whose number is on the trip", async () => {
    await trip.identify();
    expect(await trip.shown(OWN)).toBeGreaterThan(0);
    expect(await trip.follow(OWN)).toBe(101);
  });

  test("is not shown to whoever was on the cart before another shopper tapped", async () => {
    await trip.identify();
    expect(await trip.shown(BEFORE)).toBe("no_session");
    expect(await trip.follow(BEFORE)).toBe(404);
    expect(await trip.follow(null)).toBe(404);
  });

  test("of an anonymous trip is shown to nobody, and so is one that is over", async () => {
    expect(await trip.shown(OWN)).toBe("no_session");
    expect([await trip.follow(OWN), await trip.follow(null), await trip.follow("")]).toEqual([404, 404, 404]);
    await trip.identify();
    await trip.stub.abandon();
    expect(await trip.shown(OWN)).toBe("no_session");
    expect(await trip.follow(OWN)).toBe(404);
  });
});
