import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LIVE_PROTOCOL, type LiveEnd } from "../../protocol/rooms/live.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { LiveBasket, type LiveEvent } from "../../tools/person/live-basket.ts";
import type { Person } from "../../tools/person/client.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { payOnce, taken } from "./till.ts";

let cell: CellUnderTest;
let here: Surroundings;
let person: Person;
let cart: CartClient;
const [first = "", second = ""] = [...sampleCatalogue("eu").keys()].filter((code) => /^\d{13}$/.test(code));

beforeAll(async () => {
  cell = await startCellUnderTest("eu", { seed: { carts: 2 } });
  here = await around(cell.place, 0, true);
  if (here.person === null) throw new Error("no phone is signed in");
  person = here.person;
  cart = await switchOn(cell.place, 0);
  taken("attestation", await cart.attest(here.beacon));
});
afterAll(() => cell.end());

describe("a shopper's app on a trip", () => {
  test("follows the basket from the first message to the trip's end, each time as the trip itself shows it", async () => {
    taken("open", await cart.open());
    await pair();
    const live = person.follow();
    expect(await live.next()).toEqual({ kind: "message", message: { type: "basket", basket: await person.session() } });

    taken("events", await cart.scan(first, { quantity: 2 }));
    const scanned = basketOf(await live.next());
    expect(scanned.lines).toMatchObject([{ line: 1, quantity: 2 }]);
    expect(scanned).toEqual(await person.session());

    taken("events", await cart.scan(second));
    expect(basketOf(await live.next()).lines).toHaveLength(2);
    taken("events", await cart.remove(1));
    expect(basketOf(await live.next()).lines.filter(({ quantity }) => quantity > 0)).toHaveLength(1);
    expect(JSON.stringify(scanned)).not.toContain("cart");

    await pay();
    taken("close", await cart.close());
    const states: string[] = [];
    let event = await live.next();
    for (; event.kind === "message" && event.message.type === "basket"; event = await live.next())
      states.push(event.message.basket.state);
    expect(states[0]).toBe("checkout");
    expect(states.at(-2)).toBe("paid");
    expect(states.at(-1)).toBe("closed");
    expect(event).toEqual(closed("ended"));
    expect(await person.session()).toBeNull();
  });

  test("hears nothing more once it is unlinked in the middle of the trip, which goes on anonymous", async () => {
    taken("open", await cart.open());
    await pair();
    taken("events", await cart.scan(first));
    const live = person.follow();
    expect(basketOf(await live.next()).lines).toHaveLength(1);
    expect(taken("identity", await cart.unlink()).status).toBe("not_linked");
    expect(await live.next()).toEqual(closed("unlinked"));
    expect(await person.session()).toBeNull();
    // The door does not open again, and says no more than that.
    expect(await person.follow().next()).toMatchObject({ kind: "closed", code: 1006 });
    taken("events", await cart.scan(second));
    await pay();
    taken("close", await cart.close());
  });

  test("keeps four devices, the newest ones, and takes nothing from them but ping", async () => {
    taken("open", await cart.open());
    await pair();
    const devices: LiveBasket[] = [];
    for (let i = 0; i < 5; i += 1) {
      const device = person.follow();
      expect((await device.next()).kind).toBe("message");
      devices.push(device);
    }
    expect(await devices[0]?.next()).toEqual(closed("too_many"));
    devices[1]?.send("ping");
    expect(await devices[1]?.next()).toEqual({ kind: "pong" });
    devices[1]?.send('{"type":"scan"}');
    expect(await devices[1]?.next()).toEqual(closed("not_taken"));
    taken("events", await cart.scan(first));
    for (const device of devices.slice(2)) expect(basketOf(await device.next()).lines).toHaveLength(1);
    for (const device of devices) device.close();
    taken("events", await cart.remove(1));
    taken("close", await cart.close());
  });

  test("goes on after a power cut of the platform by connecting again: the basket is whole", async () => {
    taken("open", await cart.open());
    await pair();
    taken("events", await cart.scan(first));
    const before = person.follow();
    const shown = basketOf(await before.next());
    cell.running.crash("platform");
    expect((await before.next()).kind).toBe("closed");
    await cell.running.revive("platform");
    expect(basketOf(await person.follow().next())).toEqual(shown);
    taken("events", await cart.remove(1));
    taken("close", await cart.close());
  });
});

describe("the live basket's door", () => {
  const path = "/v1/me/session/live";
  const url = () => cell.place.origins.api + path;

  test("is closed to whoever has no token, or a wrong one", async () => {
    expect((await fetch(url())).status).toBe(401);
    expect(await new LiveBasket(cell.place.origins.api, "not.a.token").next()).toMatchObject({
      kind: "closed",
      code: 1006,
    });
  });

  test("asks for an upgrade, and for the subprotocol that it speaks", async () => {
    const headers = { authorization: `Bearer ${await tokenOf("shopper-1")}` };
    const plain = await fetch(url(), { headers });
    expect(plain.status).toBe(426);
    expect(await plain.json()).toMatchObject({ code: "upgrade_required" });
    const socket = new WebSocket(url().replace(/^http/, "ws"), [`bearer.${headers.authorization.slice(7)}`]);
    const code = await new Promise((resolve) => socket.addEventListener("close", (event) => resolve(event.code)));
    expect(code).toBe(1006);
  });

  test("finds no card number in a token, and one in any other subprotocol", async () => {
    const token = await tokenOf("shopper-1");
    const ask = (protocols: string) =>
      fetch(url(), { headers: { "sec-websocket-protocol": protocols, authorization: `Bearer ${token}` } });
    expect((await ask(`${LIVE_PROTOCOL}, bearer.${token}`)).status).toBe(426);
    expect((await ask(`${LIVE_PROTOCOL}, 4242424242424242`)).status).toBe(422);
  });
});

async function pair(): Promise<void> {
  const code = await person.pairingCode(here.store);
  taken("identity", await cart.identify("pairing", code.code));
  await person.confirm(code.code);
  expect(taken("identity", await cart.identify("pairing", code.code)).status).toBe("linked");
}

async function pay(): Promise<void> {
  const { answer } = await payOnce(cart, { place: cell.place, around: here });
  expect(answer.outcome).toBe("approved");
}

const closed = (why: LiveEnd): LiveEvent => ({ kind: "message", message: { type: "closed", why } });

function basketOf(event: LiveEvent) {
  if (event.kind !== "message" || event.message.type !== "basket")
    throw new Error(`no basket but ${JSON.stringify(event)}`);
  return event.message.basket;
}

async function tokenOf(username: string): Promise<string> {
  const response = await fetch(`${cell.place.origins.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({ username }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}
