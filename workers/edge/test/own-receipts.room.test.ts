import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { AUDIENCE, startIssuer, type TestIssuer } from "./issuer-under-test.ts";
import { neighbour, neighbours, type Neighbour } from "./neighbours.ts";

let issuer: TestIssuer;
let room: RoomUnderTest;
let identity: Neighbour;
let stores: Neighbour;
beforeAll(async () => {
  issuer = await startIssuer();
  room = await startRoom("edge", { neighbours, vars: { OIDC_ISSUER: issuer.origin, OIDC_AUDIENCE: AUDIENCE } });
  [identity, stores] = [neighbour(room, "identity"), neighbour(room, "stores")];
});
afterAll(async () => {
  await room.stop();
  await issuer.stop();
});
beforeEach(() => Promise.all([identity.forget(), stores.forget()]));

const session = (n: number) => `0193456b-8a00-7c3d-9e4f-${String(n).padStart(12, "0")}`;
const CURSOR = "ab".repeat(22);

function entry(reference: string, of: number, issuedAt: string, corrects: string | null = null) {
  return {
    reference: reference.padEnd(22, "r"),
    session: session(of),
    number: `n-${reference}`,
    store: { id: "eu-demo", name: "Demo" },
    issuedAt,
    timeZone: "Europe/Berlin",
    currency: "EUR",
    totalMinor: corrects === null ? 500 : -100,
    corrects,
  };
}

async function list(query = "", sub = "person-r"): Promise<Response> {
  const token = await issuer.token({ claims: { sub } });
  return room.fetch(`/v1/me/receipts${query}`, { headers: { authorization: `Bearer ${token}` } });
}

const bodyOf = async (response: Response) =>
  (await response.json()) as { receipts: Record<string, unknown>[]; next: string | null; code?: string };

it("a page is the trips' order with each trip's corrections first, and nothing that leads to a trip", async () => {
  await identity.tell({
    "ForEdge.ownTrips": { ok: true, value: { sessions: [session(2), session(1)], next: CURSOR } },
  });
  const entries = [
    entry("old", 1, "2026-11-01T10:00:00.000Z"),
    entry("sold", 2, "2026-11-20T10:00:00.000Z"),
    entry("back", 2, "2026-11-21T10:00:00.000Z", "soldrrrrrrrrrrrrrrrrrr"),
  ];
  await stores.tell({ "ForEdge.receiptEntries": { ok: true, value: entries } });
  const response = await list();
  expect(response.status).toBe(200);
  const { receipts, next } = await bodyOf(response);
  expect(receipts.map(({ number }) => number)).toEqual(["n-back", "n-sold", "n-old"]);
  expect(next).toBe(CURSOR);
  expect(JSON.stringify(receipts)).not.toContain("0193456b");
  const [asked] = await identity.asked("ForEdge.ownTrips");
  expect(asked?.args).toMatchObject([{ subject: "person-r" }, null]);
  expect((await stores.asked("ForEdge.receiptEntries"))[0]?.args).toEqual([[session(2), session(1)]]);
});

it("a cursor goes on where it says, and one of another form is refused before anybody is asked", async () => {
  await identity.tell({ "ForEdge.ownTrips": { ok: true, value: { sessions: [], next: null } } });
  expect(await bodyOf(await list(`?cursor=${CURSOR}`))).toEqual({ receipts: [], next: null });
  expect((await identity.asked("ForEdge.ownTrips"))[0]?.args[1]).toBe(CURSOR);
  expect(await stores.asked("ForEdge.receiptEntries")).toEqual([]);
  await identity.forget();
  for (const query of ["?cursor=", "?cursor=abc", `?cursor=${"z".repeat(44)}`, `?cursor=${CURSOR}a`]) {
    const refused = await list(query);
    expect([refused.status, (await bodyOf(refused)).code]).toEqual([422, "invalid_field"]);
  }
  expect(await identity.asked("ForEdge.ownTrips")).toEqual([]);
});

it("trips that were left without paying are gone past, some pages at the most", async () => {
  await identity.tell({ "ForEdge.ownTrips": { ok: true, value: { sessions: [session(1)], next: CURSOR } } });
  await stores.tell({ "ForEdge.receiptEntries": { ok: true, value: [] } });
  expect(await bodyOf(await list())).toEqual({ receipts: [], next: CURSOR });
  expect(await identity.asked("ForEdge.ownTrips")).toHaveLength(5);
});

it.each([
  ["identity is down", { ok: false, reason: "unavailable" }, 503, "unavailable"],
  ["the account was erased", { ok: false, reason: "erased" }, 410, "erased"],
  ["the cursor is not identity's", { ok: false, reason: "invalid" }, 422, "invalid_field"],
])("nothing is listed when %s", async (_, answer, status, code) => {
  await identity.tell({ "ForEdge.ownTrips": answer });
  const response = await list();
  expect([response.status, (await bodyOf(response)).code]).toEqual([status, code]);
  expect(await stores.asked("ForEdge.receiptEntries")).toEqual([]);
});

it("a page is whole or not at all: without the stores room it is refused, and nobody without a token gets one", async () => {
  await identity.tell({ "ForEdge.ownTrips": { ok: true, value: { sessions: [session(1)], next: null } } });
  await stores.tell({ "ForEdge.receiptEntries": { ok: false, reason: "unavailable" } });
  expect((await list()).status).toBe(503);
  expect((await room.fetch("/v1/me/receipts")).status).toBe(401);
});
