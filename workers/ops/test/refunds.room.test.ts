import { exportJWK, generateKeyPair, type JWK } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signStaffToken } from "../../../tools/staff/client.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { NEIGHBOURS } from "./neighbours.ts";

const REASONS = ["unknown_receipt", "too_many", "refused", "idempotency_mismatch", "unavailable"];

/** The sessions room says back what the door hands on; a receipt's reference can name its answer. */
const sessions = `
import { WorkerEntrypoint } from "cloudflare:workers";
export class ForOps extends WorkerEntrypoint {
  refund(order) {
    const reason = ${JSON.stringify(REASONS)}[order.receipt.match(/^no-([0-9])/)?.[1] ?? -1];
    if (reason !== undefined) return { ok: false, reason };
    return { ok: true, value: { ...order, state: order.receipt.startsWith("P") ? "pending" : "refunded" } };
  }
}
export default { fetch: () => new Response(null, { status: 404 }) };`;

const RECEIPT = "A".repeat(22);
const ORDER = { lines: [{ line: 1, quantity: 2 }], reason: "damaged" };
let room: RoomUnderTest;
let jwk: JWK;

beforeAll(async () => {
  const keys = await generateKeyPair("ES256", { extractable: true });
  jwk = { ...(await exportJWK(keys.privateKey)), alg: "ES256" };
  const publicJwk = JSON.stringify({ ...(await exportJWK(keys.publicKey)), alg: "ES256" });
  const secrets = { STAFF_VERIFICATION_JWK: publicJwk, STAFF_AUTHORITY_JWK: publicJwk };
  room = await startRoom("ops", { secrets, neighbours: { ...NEIGHBOURS, sessions } });
});
afterAll(() => room.stop());

async function refund(receipt: string, body: unknown, headers: Record<string, string> = {}) {
  const bearer = await signStaffToken({ cell: "eu", signingJwk: jwk, staff: "ada", roles: ["staff"] });
  const response = await room.fetch(`/staff/v1/receipts/${receipt}/refunds`, {
    method: "POST",
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as unknown };
}

describe("refunds at the ops door", () => {
  test("hand on lines, reason, who orders it, and the key", async () => {
    expect(await refund(RECEIPT, ORDER, { "idempotency-key": "key-12345" })).toEqual({
      status: 200,
      json: { ...ORDER, receipt: RECEIPT, staff: "ada", key: "key-12345", state: "refunded" },
    });
    expect((await refund(RECEIPT, ORDER)).json).toMatchObject({ key: null });
  });

  test("are 202 while the processor or the POS has not answered", async () => {
    expect((await refund("P".repeat(22), ORDER)).status).toBe(202);
  });

  test.each([
    [{ ...ORDER, lines: [] }, "lines"],
    [{ ...ORDER, lines: [{ line: 1, quantity: 0 }] }, "lines.0.quantity"],
    [{ ...ORDER, lines: [{ line: 1, quantity: 1.5 }] }, "lines.0.quantity"],
    [{ ...ORDER, lines: [...ORDER.lines, ...ORDER.lines] }, "lines"],
    [{ ...ORDER, lines: [{ line: 1, quantity: 1, price: 5 }] }, "lines.0"],
    [{ ...ORDER, reason: "because" }, "reason"],
    [{ lines: ORDER.lines }, "reason"],
  ])("of a wrong form are refused, naming the field: %j", async (body, field) => {
    expect(await refund(RECEIPT, body)).toMatchObject({ status: 422, json: { code: "invalid_field", field } });
  });

  test("with a reference or a key of the wrong form reach no room", async () => {
    expect(await refund("short", ORDER)).toMatchObject({ status: 422, json: { field: "reference" } });
    const headers = { "idempotency-key": "short" };
    expect(await refund(RECEIPT, ORDER, headers)).toMatchObject({ status: 422, json: { field: "Idempotency-Key" } });
  });

  test.each([
    ["unknown_receipt", 404],
    ["too_many", 409],
    ["refused", 409],
    ["idempotency_mismatch", 422],
    ["unavailable", 503],
  ])("that the room refuses as %s are %d", async (reason, status) => {
    const receipt = `no-${REASONS.indexOf(reason)}`.padEnd(22, "-");
    expect(await refund(receipt, ORDER)).toMatchObject({ status, json: { code: reason } });
  });
});
