import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { TEST_CARDS } from "../../tools/terminal/test-cards.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "../platform/fixture.ts";

interface Row {
  readonly from: string;
  readonly signal: string;
  readonly guard: string;
  readonly to: string;
}
interface Table {
  readonly states: readonly { readonly name: string; readonly unlocked: boolean }[];
  readonly rows: readonly Row[];
}

const missing = ensureToolchain();
let table: Table;
let cell: CellUnderTest;

/** Walks the rows from a state by these signals, each time by the first row whose guard is one of `holding`. */
function walk(from: string, steps: readonly (readonly [signal: string, ...holding: string[]])[]): string {
  return steps.reduce((state, [signal, ...holding]) => {
    const row = table.rows.find(
      (each) =>
        each.from === state && each.signal === signal && (each.guard === "always" || holding.includes(each.guard)),
    );
    if (row === undefined) throw new Error(`no row from ${state} by ${signal}`);
    return row.to;
  }, from);
}

async function codeOf(reply: Promise<{ readonly ok: boolean; readonly reason?: string }>): Promise<string | null> {
  const { ok, reason } = await reply;
  return ok ? null : (reason ?? "");
}

describe.skipIf(missing !== null)(`the firmware's table of states${missing === null ? "" : `: ${missing}`}`, () => {
  beforeAll(async () => {
    const program = join(await build("host", ["table_json"]), "table_json");
    table = JSON.parse((await run(program, [])).output) as Table;
    cell = await startCellUnderTest("us");
  });
  afterAll(() => cell.end());

  const cart = async (index: number): Promise<{ client: CartClient; near: Surroundings; codes: string[] }> => {
    const client = await switchOn(cell.place, index);
    const codes = [...sampleCatalogue("us").values()]
      .filter(({ taxClass }) => taxClass === "food")
      .map(({ gtin }) => gtin)
      .filter((gtin) => /^\d{13}$/.test(gtin));
    return { client, near: await around(cell.place, index, false), codes };
  };

  test("leads from power-on through a whole trip, and the platform is in the matching state at each step", async () => {
    const { client, near, codes } = await cart(0);
    let state = walk("BOOT", [["start"], ["tested"]]);
    expect(state).toBe("LOCKED");
    expect(await codeOf(client.open())).toBe("locked");

    state = walk(state, [["ask"], ["attested", "attested"]]);
    expect((await client.attest(near.beacon)).ok).toBe(true);
    expect(state).toBe("READY");

    state = walk(state, [["wanted", "attested"], ["opened"]]);
    expect((await client.open()).ok).toBe(true);
    expect(state).toBe("SHOPPING");
    // Nothing to pay for yet: the firmware goes back to SHOPPING.
    expect(await codeOf(client.checkout(near.terminalId))).toBe("state");
    expect(walk(state, [["pay"], ["not_handed"]])).toBe("SHOPPING");
    expect((await client.scan(codes[0] ?? "")).ok).toBe(true);
    expect(await codeOf(client.close())).toBe("state");
    expect(walk(state, [["end"], ["not_closed"]])).toBe("SHOPPING");

    state = walk(state, [["pay"], ["handed"]]);
    const handoff = await client.checkout(near.terminalId);
    if (!handoff.ok) throw new Error(handoff.reason);
    expect(state).toBe("AWAIT_TERMINAL");

    const { handoff: id, amount, basketDigest } = handoff.value;
    const taken = await near.terminal.pay({
      handoff: id,
      amount: amount.minor,
      currency: amount.currency,
      card: TEST_CARDS.visa,
    });
    const paid = await client.payment(id, taken.reference ?? "none", basketDigest);
    expect(paid.ok && paid.value.outcome).toBe("approved");
    state = walk(state, [["paid"]]);
    expect(state).toBe("CLOSING");
    // The basket is shut: no row leads from CLOSING back to goods but by the platform's refusal to close.
    expect(await codeOf(client.scan(codes[1] ?? ""))).toBe("state");

    expect((await client.close()).ok).toBe(true);
    expect(walk(state, [["over", "attested"]])).toBe("READY");
    expect(walk(state, [["over"]])).toBe("LOCKED");
    expect(client.session).toBeNull();
  });

  test("leads back to goods when a payment comes to nothing, as the platform opens the basket again", async () => {
    const { client, near, codes } = await cart(1);
    expect((await client.attest(near.beacon)).ok).toBe(true);
    expect((await client.open()).ok).toBe(true);
    expect((await client.scan(codes[0] ?? "")).ok).toBe(true);
    const handoff = await client.checkout(near.terminalId);
    if (!handoff.ok) throw new Error(handoff.reason);
    expect(walk("SHOPPING", [["pay"], ["handed"], ["not_paid"]])).toBe("SHOPPING");
    expect((await client.scan(codes[1] ?? "")).ok).toBe(true);
    // The hand-off was dropped with the scan: asked about it, the platform refuses, and the firmware goes on shopping.
    const late = await client.payment(handoff.value.handoff, "none", handoff.value.basketDigest);
    expect(late.ok ? late.value.outcome : late.reason).toBe("state");
  });

  test("keeps a trip over a power loss only behind a new attestation, as the platform keeps the session", async () => {
    const { client, near, codes } = await cart(2);
    expect((await client.attest(near.beacon)).ok).toBe(true);
    expect((await client.open()).ok).toBe(true);
    const { session } = client;
    client.reboot();
    expect(client.attestation).toBeNull();
    expect(walk("BOOT", [["start"], ["tested"], ["ask"], ["attested", "attested_trip", "attested"]])).toBe("SHOPPING");
    expect(walk("BOOT", [["start"], ["tested"], ["ask"], ["attested", "attested_paying", "attested"]])).toBe(
      "AWAIT_TERMINAL",
    );
    expect((await client.attest(near.beacon)).ok).toBe(true);
    expect((await client.scan(codes[0] ?? "")).ok).toBe(true);
    expect(client.session).toBe(session);
  });

  test("unlocks by no row without an attestation", () => {
    const unlocked = new Set(table.states.filter((state) => state.unlocked).map(({ name }) => name));
    const unlocking = table.rows.filter(({ from, to }) => !unlocked.has(from) && unlocked.has(to));
    expect(unlocking.length).toBeGreaterThan(2);
    for (const { guard } of unlocking) expect(guard).toMatch(/^attested/);
  });
});
