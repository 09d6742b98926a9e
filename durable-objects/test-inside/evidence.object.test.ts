import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { WireAnswer } from "../../protocol/rooms/sessions.ts";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import type { ShoppingSession } from "../index.ts";
import { EXIT_GRACE_MS } from "../session/limits.ts";
import { taken } from "../test/answers.ts";
import { FrameMaker } from "../test/frames.ts";
import { MILK, STORE } from "../test/neighbours.ts";

interface Act {
  readonly kind: string;
  readonly on: string;
  readonly detail: Readonly<Record<string, unknown>>;
}
interface Neighbours {
  readonly SESSIONS: DurableObjectNamespace<ShoppingSession>;
  readonly AUDIT: { acts(): Promise<Act[]> };
}
const { SESSIONS, AUDIT } = env as unknown as Neighbours;

// Ahead of the real clock: workerd rings an alarm in the past at once.
const START = Math.ceil(Date.now() / 1000) * 1000 + 24 * 60 * 60_000;
beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

describe("what is left of a trip as evidence", () => {
  test("a cart that left unpaid is in the log with what its scale read last", async () => {
    const { id, stub, send } = await opened();
    await send("events", { events: [scanOf(MILK), { kind: "weight", grams: 1023, at: null }] });
    await send("events", { events: [{ kind: "fault", code: 1, detail: 0, at: null }] });
    vi.setSystemTime(START + EXIT_GRACE_MS);
    await runDurableObjectAlarm(stub);
    const acts = await AUDIT.acts();
    expect(acts.find(({ kind, on }) => kind === "walked_out" && on === `session:${id}`)?.detail).toEqual({
      lines: 1,
      total_minor: 119,
      scale_grams: 1023,
    });
  });

  test("a card's token is in none of its rows, whether it was known or not, in text or in bytes", async () => {
    const { stub, send } = await opened();
    await send("events", { events: [scanOf(MILK)] });
    const tokens = ["Kq7Zt3Vb9Xw2Lm5Np8Rs4Dfh", "UnknownQ4Xw2Lm5Np8Rs4Dfh"];
    const known = taken("identity", await send("identity", { kind: "card", value: tokens[0] }));
    const unknown = taken("identity", await send("identity", { kind: "card", value: tokens[1] }));
    expect([known.status, unknown.status]).toEqual(["linked", "not_linked"]);
    const rows = await everything(stub);
    // The search finds what a frame does keep: a scanned code.
    expect(rows).toContain(MILK);
    for (const token of tokens) for (const part of [token, btoa(token)]) expect(rows).not.toContain(part);
  });
});

const scanOf = (code: string) => ({ kind: "scan", code, quantity: 1, at: null, grams: null });

/** A session without a cart's object around it. */
async function opened() {
  const id = crypto.randomUUID() as SessionId;
  const maker = new FrameMaker(crypto.randomUUID().replaceAll("-", "") as CartSerial, id);
  const stub = SESSIONS.getByName(id);
  await stub.open({
    session: id,
    cart: maker.cart,
    store: STORE as StoreId,
    frame: new Uint8Array([1]),
    boot: 1,
    firmware: "1.0.0",
  });
  let seq = 0;
  const send = async (message: "events" | "identity", body: object): Promise<WireAnswer> =>
    (await stub[message]((await maker.frame(message, body as never, ++seq)) as never)) as WireAnswer;
  return { id, stub, send };
}

/** All that the object keeps, byte for byte as Latin-1, and its key-value store. */
function everything(stub: DurableObjectStub<ShoppingSession>): Promise<string> {
  return runInDurableObject(stub, async (_, state) => {
    const { sql } = state.storage;
    const tables = sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    const cells = tables
      .filter(({ name }) => !name.startsWith("_cf_"))
      .flatMap(({ name }) => sql.exec(`SELECT * FROM "${name}"`).toArray())
      .flatMap((row) => Object.values(row))
      .map((cell) => (cell instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(cell)) : String(cell)));
    return [...cells, JSON.stringify([...(await state.storage.list())])].join("\n");
  });
}
