import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { ShoppingSession } from "../index.ts";
import { FrameMaker } from "../test/frames.ts";
import { MILK, STORE } from "../test/neighbours.ts";

test("the rows that a trip writes are counted through the object's sleep", async () => {
  const session = crypto.randomUUID() as SessionId;
  const maker = new FrameMaker(crypto.randomUUID().replaceAll("-", "") as CartSerial, session);
  const { SESSIONS } = env as unknown as { SESSIONS: DurableObjectNamespace<ShoppingSession> };
  const stub = SESSIONS.getByName(session);
  const store = STORE as StoreId;
  await stub.open({ session, cart: maker.cart, store, frame: new Uint8Array([1]), boot: 1, firmware: "1.0.0" });
  const scan = async (seq: number) => {
    const events = [{ kind: "scan", code: MILK, quantity: 1, at: null, grams: null }] as const;
    await stub.events((await maker.frame("events", { events }, seq)) as never);
  };
  for (const seq of [1, 2, 3]) await scan(seq);
  const { written } = await stub.meter();
  // The open, its alarm, three scans.
  expect(written).toBe(5);
  await evictDurableObject(stub);
  await scan(4);
  expect((await stub.meter()).written).toBe(written + 1);
  await evictDurableObject(stub);
  await stub.view();
  expect((await stub.meter()).written).toBe(written + 1);
});
