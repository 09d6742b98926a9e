import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../platform/room-under-test.ts";
import { httpDoor, type HttpDoor } from "../../../terminal/http-door.ts";
import { Terminal } from "../../../terminal/terminal.ts";
import { TEST_CARDS } from "../../../terminal/test-cards.ts";

const KEY = "processor-key-for-tests";
const state = mkdtempSync(join(tmpdir(), "cartwright-acquirer-"));
let room: RoomUnderTest;
let door: HttpDoor;
let terminal: Terminal;

const start = async () => {
  room = await startRoom("processor", { secrets: { PROCESSOR_KEY: KEY }, state });
};
beforeAll(async () => {
  await start();
  door = await httpDoor((path, init) => room.fetch(path, init));
  terminal = new Terminal({
    processorOrigin: door.origin,
    key: KEY,
    terminal: "T-1",
    store: "eu-demo",
    timeoutMs: 1_500,
  });
});
afterAll(async () => {
  await door.close();
  await room.stop();
  rmSync(state, { recursive: true, force: true });
});

interface View {
  readonly reference: string;
  readonly state: string;
  readonly authorized_minor: number;
  readonly captures: number;
  readonly captured_minor: number;
  readonly refunded_minor: number;
}

interface Reply<T> {
  readonly status: number;
  readonly body: T & { readonly code?: string };
}

async function call<T>(path: string, body?: unknown, key: string = crypto.randomUUID()): Promise<Reply<T>> {
  const response = await room.fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", "idempotency-key": key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Reply<T>["body"] };
}
const payments = async (handoff: string) =>
  (await call<{ payments: View[] }>(`/v1/payments?handoff=${handoff}`)).body.payments;
const pay = (handoff: string, amount = 1299) =>
  terminal.pay({ handoff, amount, currency: "EUR", card: TEST_CARDS.visa });

describe("a terminal's payment", () => {
  it("is approved with receipt data that holds the last four digits only", async () => {
    const handoff = crypto.randomUUID();
    const paid = await pay(handoff);
    expect(paid).toMatchObject({ outcome: "approved", amount: 1299, emv: { last4: "4242", aid: "A0000000031010" } });
    expect(paid.emv?.cryptogram).toMatch(/^[0-9A-F]{16}$/);
    expect(paid.emv?.approvalCode).toMatch(/^\d{6}$/);
    expect(JSON.stringify(paid)).not.toContain(TEST_CARDS.visa.pan);
    expect(await terminal.status(handoff)).toEqual(paid);
  });

  it("is one payment however often the terminal repeats it", async () => {
    const handoff = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(handoff)));
    expect(new Set(answers.map((each) => each.reference)).size).toBe(1);
    expect(await payments(handoff)).toHaveLength(1);
  });

  it("is refused when the same key carries another amount", async () => {
    const handoff = crypto.randomUUID();
    await pay(handoff);
    await expect(pay(handoff, 1300)).rejects.toThrow("422");
  });

  it.each([
    [1_000_051, "declined", 0],
    [1_000_010, "approved", 500_005],
    [9_951, "approved", 9_951],
  ])("of %i minor units ends as %s", async (amount, outcome, authorized) => {
    expect(await pay(crypto.randomUUID(), amount)).toMatchObject({ outcome, amount: authorized });
  });

  it("exists twice after a duplicate", async () => {
    const handoff = crypto.randomUUID();
    await pay(handoff, 1_000_094);
    expect((await payments(handoff)).map((each) => each.state)).toEqual(["authorized", "authorized"]);
  });

  it("is unknown to the terminal when the answer is lost, and there when it asks", async () => {
    const handoff = crypto.randomUUID();
    expect(await pay(handoff, 1_000_091)).toMatchObject({ outcome: "unknown", reference: null });
    expect(await terminal.status(handoff)).toMatchObject({ outcome: "approved", amount: 1_000_091 });
    expect(await payments(handoff)).toHaveLength(1);
  });

  it("leaves nothing behind when it timed out before it was received", async () => {
    const handoff = crypto.randomUUID();
    expect(await pay(handoff, 1_000_068)).toMatchObject({ outcome: "unknown" });
    expect(await payments(handoff)).toEqual([]);
  });

  it("is in process until a late acquirer has decided", async () => {
    const handoff = crypto.randomUUID();
    await call("/v1/behaviours", { handoff, behaviour: "answer_late" });
    expect(await pay(handoff)).toMatchObject({ outcome: "unknown" });
    expect((await payments(handoff))[0]).toMatchObject({ state: "processing", authorized_minor: 0 });
    await expect.poll(async () => (await payments(handoff))[0]?.state, { timeout: 15_000 }).toBe("authorized");
  });

  it("behaves as armed for its hand-off, once", async () => {
    const [mine, other] = [crypto.randomUUID(), crypto.randomUUID()];
    await call("/v1/behaviours", { handoff: mine, behaviour: "decline" });
    expect((await pay(other)).outcome).toBe("approved");
    expect((await pay(mine)).outcome).toBe("declined");
  });
});

describe("the merchant's side", () => {
  it("captures once, whatever is repeated, and never more than was authorized", async () => {
    const { reference } = await pay(crypto.randomUUID());
    const path = `/v1/payments/${reference}/capture`;
    expect((await call(path, { amount_minor: 1300, currency: "EUR" })).body.code).toBe("amount");
    const body = { amount_minor: 1299, currency: "EUR" };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call<View>(path, body, `${reference}:capture`)));
    expect(answers.map((each) => `${each.status}, ${each.body.captures}`)).toEqual(Array(5).fill("200, 1"));
    expect((await call(path, body, "another-key")).status).toBe(409);
  });

  it("refunds up to what was captured", async () => {
    const { reference } = await pay(crypto.randomUUID());
    await call(`/v1/payments/${reference}/capture`, { amount_minor: 1000, currency: "EUR" });
    const refund = (minor: number) =>
      call<View>(`/v1/payments/${reference}/refunds`, { amount_minor: minor, currency: "EUR" });
    expect((await refund(600)).body.refunded_minor).toBe(600);
    expect((await refund(500)).body.code).toBe("amount");
    expect((await refund(400)).body.refunded_minor).toBe(1000);
  });

  it("voids what is not captured, and nothing else", async () => {
    const { reference } = await pay(crypto.randomUUID());
    expect((await call<View>(`/v1/payments/${reference}/void`, {})).body.state).toBe("voided");
    expect((await call(`/v1/payments/${reference}/capture`, { amount_minor: 1, currency: "EUR" })).status).toBe(409);
  });

  it("gives one account reference of 29 characters for a card", async () => {
    const ask = (pan: string) => call<{ payment_account_reference: string }>("/v1/payment-account-references", { pan });
    const first = (await ask(TEST_CARDS.visa.pan)).body.payment_account_reference;
    expect(first).toMatch(/^[A-Z0-9]{29}$/);
    expect((await ask(TEST_CARDS.visa.pan)).body.payment_account_reference).toBe(first);
    expect((await ask(TEST_CARDS.amex.pan)).body.payment_account_reference).not.toBe(first);
  });

  it("lets nobody in without its key", async () => {
    const response = await room.fetch("/v1/payments?handoff=x", { headers: { authorization: "Bearer wrong" } });
    expect(response.status).toBe(401);
  });

  it.each([
    ["/v1/payments", { handoff: "h", amount_minor: 1.5, currency: "EUR" }, "amount_minor"],
    ["/v1/payments", { handoff: "h", amount_minor: 1, currency: "XXX" }, "currency"],
    ["/v1/behaviours", { behaviour: "explode" }, "behaviour"],
    ["/v1/behaviours", { behaviour: "partial", on: "capture" }, "on"],
    ["/v1/payment-account-references", { pan: "4242 4242" }, "pan"],
  ])("refuses a wrong body at %s and names the field", async (path, body, code) => {
    expect(await call(path, body)).toMatchObject({ status: 422, body: { code } });
  });
});

describe("the acquirer's books", () => {
  it("are still there after the process is gone, and hold no card number", async () => {
    const handoff = crypto.randomUUID();
    const paid = await pay(handoff);
    await room.stop();
    const files = readdirSync(state, { recursive: true, encoding: "utf8" })
      .map((name) => join(state, name))
      .filter((path) => statSync(path).isFile());
    const bytes = files.map((path) => readFileSync(path, "latin1")).join("\n");
    expect(bytes).toContain(handoff);
    expect(bytes).not.toContain(TEST_CARDS.visa.pan);
    await start();
    expect(await terminal.status(handoff)).toEqual(paid);
  });
});
