import { afterAll, beforeAll, expect, test } from "vitest";
import type { CartClient } from "../../tools/cart/client.ts";
import type { Person } from "../../tools/person/client.ts";
import { Problem } from "../../tools/person/problem.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import type { Surroundings } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest, type Row } from "./fixture.ts";
import { payOnce, taken } from "./till.ts";

let cell: CellUnderTest;
let here: Surroundings;
let person: Person;
const carts: CartClient[] = [];
const [first = "", second = ""] = [...sampleCatalogue("eu").values()]
  .filter(({ gtin, taxClass }) => /^\d{13}$/.test(gtin) && taxClass !== "alcohol")
  .map(({ gtin }) => gtin);

beforeAll(async () => {
  cell = await startCellUnderTest("eu", { seed: { carts: 5 } });
  here = await around(cell.place, 0, true);
  if (here.person === null) throw new Error("no phone is signed in");
  person = here.person;
  for (let index = 0; index < 5; index += 1) {
    const cart = await switchOn(cell.place, index);
    taken("attestation", await cart.attest(here.beacon));
    taken("open", await cart.open());
    carts.push(cart);
  }
}, 120_000);
afterAll(() => cell.end());

async function pair(cart: CartClient): Promise<void> {
  const { code, confirmation } = await person.pairingCode(here.store);
  const pending = taken("identity", await cart.identify("pairing", code));
  // What the two screens show is the same, and nothing is released before the owner says so.
  expect(pending).toEqual({ status: "pending", confirmation });
  expect(await person.session()).toBeNull();
  await person.confirm(code);
  expect(taken("identity", await cart.identify("pairing", code)).status).toBe("linked");
}

/** Pays what is in the cart and ends the trip. @returns the receipt's reference */
async function payAndClose(cart: CartClient): Promise<string> {
  const { answer } = await payOnce(cart, { place: cell.place, around: here });
  taken("close", await cart.close());
  return answer.receipt ?? "";
}

const listed = async () => (await person.receipts()).receipts.map(({ reference }) => reference);

test("five carts that show one code at once: one is told the digits, and the copies cost it the pairing", async () => {
  const { person: another } = await around(cell.place, 1, true);
  if (another === null) throw new Error("no phone is signed in");
  const { code } = await another.pairingCode(here.store);
  const answers = await Promise.all(carts.map((cart) => cart.identify("pairing", code)));
  const statuses = answers.map((answer) => taken("identity", answer).status);
  expect(statuses.filter((status) => status === "pending")).toHaveLength(1);
  expect(statuses.filter((status) => status === "not_linked")).toHaveLength(4);
  await expect(another.confirm(code)).rejects.toThrow(Problem);
  expect(await another.session()).toBeNull();
});

test("a person's trips on two carts are in their list of receipts, and share no value outside identity", async () => {
  const [one, two] = carts;
  if (one === undefined || two === undefined) throw new Error("no carts");
  expect(await listed()).toEqual([]);
  await pair(one);
  taken("events", await one.scan(first));
  const older = await payAndClose(one);
  await pair(two);
  taken("events", await two.scan(second));
  const newer = await payAndClose(two);
  expect(await listed()).toEqual([newer, older]);

  const retail = await cell.rows("stores", "RETAIL");
  const sales = [older, newer].map((receipt) =>
    retail.find((row) => row.table === "sales" && row["reference"] === receipt),
  );
  const sessions = sales.map((sale) => String(sale?.["session"]));
  const links = (await cell.rows("identity", "ENTITIES")).filter(({ table }) => table === "session_links");
  const [a, b] = sessions.map((session) => links.find((row) => row["session"] === session));
  // Tier 2 ties both to one customer, and is the only place that does: the numbers are gone with the trips.
  expect(a?.["customer"]).toBe(b?.["customer"]);
  for (const row of [a, b]) expect([row?.["one_trip"], row?.["credential"]]).toEqual([null, null]);
  const customer = String(a?.["customer"]);
  const outside: Row[] = [...retail, ...(await cell.rows("telemetry", "TELEMETRY_DB"))];
  for (const row of outside) expect(JSON.stringify(row)).not.toContain(customer);
  const valuesOf = (session: string, receipt: string) => {
    const handoff = String(sales[sessions.indexOf(session)]?.["handoff"]);
    const own = outside.filter((row) => [session, receipt, handoff].some((key) => JSON.stringify(row).includes(key)));
    // Long texts and large numbers: what could be matched. Times may meet, a shelf price does.
    return new Set(own.flatMap((row) => Object.entries(row)).flatMap(([name, value]) => identifying(name, value)));
  };
  const [of, other] = [valuesOf(sessions[0] ?? "", older), valuesOf(sessions[1] ?? "", newer)];
  // Hand-off, session, cart, digest and reference at the least; a signature's text has a long run of letters or not.
  expect(of.size).toBeGreaterThanOrEqual(5);
  expect([...of].filter((value) => other.has(value))).toEqual([]);
});

test("a shopper who leaves in the middle of the trip is off its session, its receipt and the phone, and may come back", async () => {
  const [, , third, fourth] = carts;
  if (third === undefined || fourth === undefined) throw new Error("no carts");
  const before = await listed();
  await pair(third);
  taken("events", await third.scan(first));
  const live = person.follow();
  expect((await live.next()).kind).toBe("message");
  expect(taken("identity", await third.unlink()).status).toBe("not_linked");
  expect(await live.next()).toEqual({ kind: "message", message: { type: "closed", why: "unlinked" } });
  expect(await person.session()).toBeNull();
  expect(await payAndClose(third)).toHaveLength(22);
  expect(await listed()).toEqual(before);

  await pair(fourth);
  taken("identity", await fourth.unlink());
  await pair(fourth);
  expect(await person.session()).not.toBeNull();
  taken("events", await fourth.scan(first));
  const again = await payAndClose(fourth);
  expect(await listed()).toEqual([again, ...before]);
});

test("after an erasure the token of before lists nothing", async () => {
  await person.eraseMe();
  await expect
    .poll(
      async () =>
        person.receipts().then(
          () => "listed",
          (error: Problem) => error.code,
        ),
      { timeout: 40_000, interval: 500 },
    )
    .toBe("erased");
}, 60_000);

/** A value that only one thing has: an id, a reference, a digest. */
function identifying(name: string, value: unknown): readonly string[] {
  if (name === "table" || name === "store" || name === "currency" || typeof value !== "string") return [];
  return value.match(/[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,}|[A-Za-z0-9_-]{22,}/g) ?? [];
}
