import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ReceiptReference } from "../../protocol/ids.ts";
import type { RefundCase } from "../index.ts";

const DAY = 86_400_000;
const START = Math.ceil(Date.now() / 1000) * 1000 + DAY;
beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

test("a refund case that rests is there for 25 months, and then nothing of it is", async () => {
  const receipt = "Rsomething000000000001" as ReceiptReference;
  const stub = (env as unknown as { REFUNDS: DurableObjectNamespace<RefundCase> }).REFUNDS.getByName(receipt);
  const order = { receipt, lines: [{ line: 1, quantity: 1 }], reason: "damaged", staff: "s-1", key: "k-1" } as const;
  expect(await stub.refund(order)).toMatchObject({ ok: true });
  const rows = () =>
    runInDurableObject(
      stub,
      (_, state) => state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'refunds'").toArray().length,
    );
  const ringAt = async (days: number) => {
    vi.setSystemTime(START + days * DAY);
    await runDurableObjectAlarm(stub);
  };
  await ringAt(1);
  await ringAt(700);
  expect(await rows()).toBe(1);
  expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBe(START + 730 * DAY);
  await ringAt(790);
  expect(await rows()).toBe(0);
  expect(await runInDurableObject(stub, (_, state) => state.storage.getAlarm())).toBeNull();
});
