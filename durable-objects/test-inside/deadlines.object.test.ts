import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BasketView, WireAnswer } from "../../protocol/rooms/sessions.ts";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { ShoppingSession } from "../index.ts";
import { IDLE_MS, LINGER_MS, EXIT_GRACE_MS } from "../session/limits.ts";
import { taken, type Arranged, type PaymentBooks } from "../test/answers.ts";
import { FrameMaker } from "../test/frames.ts";
import { MILK, STORE } from "../test/neighbours.ts";

/** As the configuration has it. */
const HANDOFF_MS = 300_000;
// Ahead of the real clock: workerd rings an alarm in the past at once.
const START = Math.ceil(Date.now() / 1000) * 1000 + 24 * 60 * 60_000;
beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

const after = (ms: number) => vi.setSystemTime(Date.now() + ms);

/** A session without a cart's object around it. */
class Session {
  readonly id = crypto.randomUUID() as SessionId;
  readonly maker = new FrameMaker(crypto.randomUUID().replaceAll("-", "") as CartSerial, this.id);
  readonly stub = (env as unknown as { SESSIONS: DurableObjectNamespace<ShoppingSession> }).SESSIONS.getByName(this.id);
  seq = 0;

  async open(): Promise<this> {
    await this.stub.open({
      session: this.id,
      cart: this.maker.cart,
      store: STORE as StoreId,
      frame: new Uint8Array([1]),
      boot: 1,
      firmware: "1.0.0",
    });
    return this;
  }
  async send(message: "events" | "checkout" | "payment" | "close", body: never): Promise<WireAnswer> {
    const signed = await this.maker.frame(message, body, ++this.seq);
    return (await this.stub[message](signed as never)) as WireAnswer;
  }
  scan = () =>
    this.send("events", { events: [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] } as never);
  fault = (code: number) => this.send("events", { events: [{ kind: "fault", code, detail: 0, at: null }] } as never);
  async state(): Promise<string> {
    const view = (await this.stub.view()) as { ok: true; value: BasketView } | { ok: false };
    return view.ok ? view.value.state : "gone";
  }
  ring = () => runDurableObjectAlarm(this.stub);
  alarm = () => runInDurableObject(this.stub, (_, state) => state.storage.getAlarm());
}

describe("the one alarm", () => {
  test("rings at the idle time; a session that was used since is armed again, not ended", async () => {
    const session = await new Session().open();
    expect(await session.alarm()).toBe(START + IDLE_MS);
    after(IDLE_MS - 1000);
    await session.scan();
    expect(await session.alarm()).toBe(START + IDLE_MS);
    after(1000);
    await session.ring();
    expect(await session.state()).toBe("shopping");
    expect(await session.alarm()).toBe(START + 2 * IDLE_MS - 1000);
  });

  test("abandons a trip that nobody goes on with, and leaves nothing in the object", async () => {
    const session = await new Session().open();
    await session.scan();
    after(IDLE_MS);
    await session.ring();
    expect(await session.state()).toBe("gone");
    const tables = await runInDurableObject(session.stub, (_, state) =>
      state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'journal'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("drops a hand-off that no terminal took, after asking the processor", async () => {
    const session = await new Session().open();
    await session.scan();
    await session.send("checkout", { lastSeq: 1, terminal: "T1" } as never);
    expect(await session.state()).toBe("checkout");
    expect(await session.alarm()).toBe(START + HANDOFF_MS);
    after(HANDOFF_MS);
    await session.ring();
    expect(await session.state()).toBe("shopping");
  });

  test("rung early or twice does nothing", async () => {
    const session = await new Session().open();
    await session.scan();
    await session.ring();
    expect(await session.state()).toBe("shopping");
  });

  test("flags a cart that left unpaid, after a grace in which a payment may arrive", async () => {
    const session = await new Session().open();
    await session.scan();
    await session.fault(1);
    expect(await session.alarm()).toBe(START + EXIT_GRACE_MS);
    after(EXIT_GRACE_MS);
    await session.ring();
    expect(await session.state()).toBe("gone");
    const acts = await (env as unknown as { AUDIT: { acts(): Promise<{ kind: string; on: string }[]> } }).AUDIT.acts();
    expect(acts).toContainEqual(expect.objectContaining({ kind: "walked_out", on: `session:${session.id}` }));
  });

  test("leaves an empty cart that goes out of the door alone", async () => {
    const session = await new Session().open();
    await session.fault(1);
    after(EXIT_GRACE_MS);
    await session.ring();
    expect(await session.state()).toBe("shopping");
  });

  test("empties a closed session once its repeats can have arrived", async () => {
    const session = await new Session().open();
    await session.send("close", { lastSeq: 0 } as never);
    expect(await session.state()).toBe("closed");
    after(LINGER_MS);
    await session.ring();
    expect(await session.state()).toBe("gone");
  });
});

/** The payments room beside the objects: how it answers for a hand-off, and what it was asked. */
const payments = (env as unknown as { PAYMENTS: PaymentsBeside }).PAYMENTS;
interface PaymentsBeside {
  arrange(handoff: string, plan: Arranged): Promise<void>;
  books(): Promise<PaymentBooks>;
}
const released = async (handoff: string) => (await payments.books()).voided.filter(([id]) => id === handoff);
const askedAbout = async (handoff: string) => (await payments.books()).asked.filter((id) => id === handoff).length;

/** A session whose basket is with terminal T1. */
async function handedOff() {
  const session = await new Session().open();
  await session.scan();
  const answer = await session.send("checkout", { lastSeq: 1, terminal: "T1" } as never);
  const { handoff, basketDigest } = taken("checkout", answer);
  return { session, handoff, pay: () => session.send("payment", { handoff, reference: "r", basketDigest } as never) };
}

describe("a hand-off that is not paid by this trip", () => {
  test("dropped by a scan: what a terminal got for it crosswise is found and given back", async () => {
    const { session, handoff } = await handedOff();
    await session.scan();
    expect(await session.alarm()).toBe(START + HANDOFF_MS / 10);
    await payments.arrange(handoff, { state: "approved" });
    after(HANDOFF_MS / 10);
    await session.ring();
    expect(await released(handoff)).toEqual([[handoff, "basket_changed"]]);
    expect(await session.state()).toBe("shopping");
  });

  test("expired without a payment: an authorization that comes after is found when no more can come, and given back", async () => {
    const { session, handoff } = await handedOff();
    after(HANDOFF_MS);
    await session.ring();
    expect(await session.state()).toBe("shopping");
    await payments.arrange(handoff, { state: "approved" });
    after(HANDOFF_MS / 5);
    await session.ring();
    expect(await released(handoff)).toEqual([[handoff, "basket_changed"]]);
    const asked = await askedAbout(handoff);
    after(HANDOFF_MS);
    await session.ring();
    expect(await askedAbout(handoff)).toBe(asked);
  });

  test("laid aside by a second checkout: the first is looked at, the second is paid", async () => {
    const { session, handoff } = await handedOff();
    const second = taken("checkout", await session.send("checkout", { lastSeq: 2, terminal: "T2" } as never));
    await payments.arrange(handoff, { state: "approved" });
    after(HANDOFF_MS / 10);
    await session.ring();
    expect(await released(handoff)).toEqual([[handoff, "basket_changed"]]);
    await session.send("payment", {
      handoff: second.handoff,
      reference: "r",
      basketDigest: second.basketDigest,
    } as never);
    expect(await session.state()).toBe("paid");
    expect((await payments.books()).captures).toContainEqual([second.handoff, 1]);
  });

  test("of a trip that was left: the object stays until the processor holds nothing, then it is empty", async () => {
    const { session, handoff } = await handedOff();
    await session.stub.abandon();
    await payments.arrange(handoff, { state: "approved", silent: 1 });
    after(HANDOFF_MS * 1.2);
    await session.ring();
    expect(await session.state()).toBe("abandoned");
    after(1_000);
    await session.ring();
    expect(await released(handoff)).toEqual([[handoff, "session_over"]]);
    after(1_000);
    await session.ring();
    expect(await session.state()).toBe("gone");
  });

  test("reported by the cart and unknown to the processor: pending until it expires, then the basket opens again", async () => {
    const { session, handoff, pay } = await handedOff();
    await payments.arrange(handoff, { state: "pending", over: { processor_reference: null, emv: null } });
    await pay();
    expect(await session.state()).toBe("settling");
    after(HANDOFF_MS - 1_000);
    await session.ring();
    expect(await session.state()).toBe("settling");
    after(1_000);
    await session.ring();
    expect(await session.state()).toBe("shopping");
  });

  test("that a room's failure keeps from being looked at is looked at a minute later: no deadline is lost", async () => {
    const { session, handoff } = await handedOff();
    await session.scan();
    await payments.arrange(handoff, { throws: true });
    after(HANDOFF_MS / 10);
    await session.ring();
    expect(await session.alarm()).toBe(Date.now() + 60_000);
    await payments.arrange(handoff, { state: "approved" });
    after(60_000);
    await session.ring();
    expect(await released(handoff)).toEqual([[handoff, "basket_changed"]]);
  });

  test("mismatched, with the release unanswered: it is owed by a row, across an eviction, until it is void", async () => {
    const { session, handoff, pay } = await handedOff();
    await payments.arrange(handoff, { state: "approved", over: { store: "eu-other" }, releaseLost: 2 });
    await pay();
    await evictDurableObject(session.stub);
    after(1_000);
    await session.ring();
    expect(await released(handoff)).toEqual([]);
    after(2_000);
    await session.ring();
    expect(await released(handoff)).toEqual([[handoff, "store_mismatch"]]);
  });
});

test("a paid hand-off is asked about once more before the object goes, and while a second payment is open it stays", async () => {
  const { session, handoff, pay } = await handedOff();
  await pay();
  await session.send("close", { lastSeq: 3 } as never);
  const asked = await askedAbout(handoff);
  await payments.arrange(handoff, { state: "captured", surplus: 1 });
  after(LINGER_MS);
  await session.ring();
  expect(await session.state()).toBe("closed");
  expect(await askedAbout(handoff)).toBe(asked);
  after(HANDOFF_MS * 1.2 - LINGER_MS);
  await session.ring();
  expect(await session.state()).toBe("closed");
  after(1_000);
  await session.ring();
  expect(await session.state()).toBe("gone");
  expect(await askedAbout(handoff)).toBe(asked + 2);
});

test("a session that was evicted goes on from its rows", async () => {
  const session = await new Session().open();
  await session.scan();
  const before = await session.stub.view();
  await evictDurableObject(session.stub);
  expect(await session.stub.view()).toEqual(before);
  expect((await session.scan()).ok).toBe(true);
});
