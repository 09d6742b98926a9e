import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrivacyStatus } from "../../protocol/rooms/privacy.ts";
import type { CartClient } from "../../tools/cart/client.ts";
import { accessToken, eraseAsOwner, live, someone, type Lived } from "../../tools/drill/people.ts";
import { cellState } from "../../tools/platform/state.ts";
import { trace, type Traced } from "../../tools/trace/search.ts";
import { readState } from "../../tools/trace/state.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { fetchReceipt } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { taken } from "./till.ts";

/** What may still be found by the person's own words: the record of the request, and that they were erased. */
const RECORD = ["privacy_requests", "erasures", "leaves", "objects", "_cf_KV", "_cf_ALARM", "forgotten"];

let cell: CellUnderTest;
let gone: Lived;
let stays: Lived;
let oldToken: string;
let status: PrivacyStatus;
let open: { readonly cart: CartClient; readonly oneTrip: string };

const look = (words: readonly string[]): Promise<Traced> =>
  trace(readState(cellState("eu", cell.root)), cell.keys, words, [cell.place.origins.issuer]);
const placesOf = ({ paths }: Traced) => new Set(paths.map(({ store, table, column }) => `${store}.${table}.${column}`));
const me = (token: string) =>
  fetch(`${cell.place.origins.api}/v1/me`, { headers: { authorization: `Bearer ${token}` } });

beforeAll(async () => {
  cell = await startCellUnderTest("eu", { seed: { carts: 3 } });
  const codes = [...sampleCatalogue("eu").keys()].filter((code) => /^\d{13}$/.test(code)).slice(0, 3);
  gone = await live(cell.place, someone("730915", 1), codes, 0);
  stays = await live(cell.place, someone("730915", 2), codes, 1);
  const cart = await switchOn(cell.place, 2);
  taken("attestation", await cart.attest((await around(cell.place, 2, false)).beacon));
  taken("open", await cart.open());
  const linked = taken("identity", await cart.identify("loyalty", gone.who.loyalty));
  if (linked.status !== "linked") throw new Error("the shopper was not recognised");
  taken("events", await cart.scan(codes[0] ?? ""));
  open = { cart, oneTrip: linked.customer };
});
afterAll(() => cell.end());

describe("before the erasure, the search", () => {
  test("finds the person in every store that leads to them, by every kind of way", async () => {
    const traced = await look([...gone.words, open.oneTrip]);
    expect([...placesOf(traced)]).toEqual(
      expect.arrayContaining([
        "persons.persons.subject_index",
        "persons.persons.email, opened",
        "persons.payment_methods.sealed, opened",
        "entities.customers.id",
        "entities.loyalty_numbers.blind_index",
        "entities.card_references.blind_index",
        "entities.session_links.customer",
        "entities.session_links.credential",
        "entities.session_links.one_trip",
        "entities.pairing_codes.customer",
        "entities.looks.subject",
        "cartwright-person-keys-eu.objects.key",
        "retail.sales.session",
        "retail.fiscal_holds.reference",
        "cartwright-receipts-eu.objects.key",
        "vault.tokens.digest",
        "vault.authorizations.session",
      ]),
    );
    const stores = new Set(traced.paths.map(({ store }) => store.split(" ")[0]));
    for (const object of ["AuditLog", "ShoppingSession", "Cart"]) expect(stores).toContain(object);
  });

  test("finds nobody by words that are nobody's", async () => {
    expect((await look(["nobody-at-all@example.org", "9829173091599", "5c".repeat(16)])).paths).toEqual([]);
  });
});

describe("an erasure that its owner asked for in the app", () => {
  beforeAll(async () => {
    oldToken = await accessToken(cell.place, gone.who);
    status = await eraseAsOwner(cell.place, oldToken);
  });

  test("is done only with a proof of every store, and says what a law keeps, and until when", () => {
    expect(status.steps.map(({ store, state, proof }) => [store, state, proof?.left])).toEqual(
      ["sessions", "vault", "receipts", "telemetry", "recipients", "entities", "persons", "person_keys", "audit"].map(
        (store) => [store, "proved", 0],
      ),
    );
    const outcomes = Object.fromEntries(status.steps.map(({ store, proof }) => [store, proof?.outcome]));
    expect(outcomes).toMatchObject({
      sessions: "erased",
      vault: "erased",
      receipts: "held",
      entities: "erased",
      persons: "erased",
      person_keys: "erased",
      audit: "shredded",
    });
    expect(status.stays).toMatchObject([{ store: "receipts", law: "AO 147(1) no. 4, (3); UStG 14b(1)" }]);
  });

  test("leaves no path to the person in any store, object, bucket or log, and the other one as they were", async () => {
    const { paths, kept } = await look([...gone.words, open.oneTrip]);
    expect(paths).toEqual([]);
    expect(kept.filter(({ table }) => !RECORD.includes(table))).toEqual([]);
    expect(placesOf(await look(stays.words))).toContain("persons.persons.email, opened");
    expect(await stays.person.me()).toMatchObject({ email: stays.who.email, nickname: stays.who.nickname });
  });

  test("lets the open trip go on to payment, anonymous", async () => {
    const { cart } = open;
    const { terminal, terminalId, apiOrigin } = await around(cell.place, 2, false);
    expect(taken("identity", await cart.identify("loyalty", gone.who.loyalty)).status).toBe("not_linked");
    const handoff = taken("checkout", await cart.checkout(terminalId));
    const { minor, currency } = handoff.amount;
    const paid = await terminal.pay({ handoff: handoff.handoff, amount: minor, currency, card: gone.who.card });
    const answer = taken("payment", await cart.payment(handoff.handoff, paid.reference ?? "", handoff.basketDigest));
    expect(answer.outcome).toBe("approved");
    taken("close", await cart.close());
    const receipt = await fetchReceipt(apiOrigin, answer.receipt ?? "");
    expect(receipt.totalMinor).toBe(minor);
    expect((await look(gone.words)).paths).toEqual([]);
  });

  test("answers the old token that the account is erased, and still tells its owner how the request ended", async () => {
    const answer = await me(oldToken);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([410, "erased"]);
    const read = await fetch(`${cell.place.origins.api}/v1/me/privacy-requests/${status.request}`, {
      headers: { authorization: `Bearer ${oldToken}` },
    });
    expect(await read.json()).toMatchObject({ state: "done", kind: "erasure" });
  });

  test("makes the next tap of the card a stranger's, and the next sign-in a new account without a past", async () => {
    const cart = await switchOn(cell.place, 0);
    const { beacon, reader, store } = await around(cell.place, 0, false);
    taken("attestation", await cart.attest(beacon));
    taken("open", await cart.open());
    const { token } = await reader.tap(gone.who.card, store);
    expect(taken("identity", await cart.identify("card", token))).toMatchObject({ status: "linked", nickname: null });
    taken("close", await cart.close());
    // A token of a later second than the erasure.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const later = await me(await accessToken(cell.place, gone.who));
    expect(later.status).toBe(200);
    expect(await later.json()).toMatchObject({ email: gone.who.email, phone: null, address: null, nickname: null });
    expect((await me(oldToken)).status).toBe(200);
    const old = [gone.who.phone, gone.who.address, gone.who.nickname, gone.who.loyalty, gone.token];
    expect((await look(old)).paths).toEqual([]);
    const fresh = new Set((await look([gone.who.email])).paths.map(({ table }) => table));
    expect([...fresh].filter((table) => ["session_links", "sales", "loyalty_numbers"].includes(table))).toEqual([]);
  });
});
