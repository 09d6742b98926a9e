import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { BasketView, WireAnswer } from "../../protocol/rooms/sessions.ts";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { ShoppingSession } from "../index.ts";
import { HANDOFF_MS, IDLE_MS, LINGER_MS, EXIT_GRACE_MS } from "../session/limits.ts";
import { FrameMaker } from "../test/frames.ts";
import { MILK, STORE } from "../test/neighbours.ts";

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

test("a session that was evicted goes on from its rows", async () => {
  const session = await new Session().open();
  await session.scan();
  const before = await session.stub.view();
  await evictDurableObject(session.stub);
  expect(await session.stub.view()).toEqual(before);
  expect((await session.scan()).ok).toBe(true);
});
