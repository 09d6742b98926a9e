import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditAct } from "../../../protocol/rooms/audit.ts";
import type { Trip } from "../../../protocol/rooms/identity.ts";
import type { Result } from "../../../protocol/result.ts";
import { cardReference } from "./card-statements.ts";
import {
  type IdentityUnderTest,
  LOYALTY,
  loyaltyNumber,
  newTrip,
  numberOf,
  person,
  startIdentity,
  STORE,
  valueOf,
} from "./room.ts";

let identity: IdentityUnderTest;
const who = person("shops-twice");
beforeAll(async () => {
  identity = await startIdentity();
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
  valueOf(await identity.edge("addLoyaltyCard", who, loyaltyNumber(1)));
});
afterAll(() => identity.room.stop());

/** Each leaves the trip known by its shopper. */
const WAYS: Readonly<Record<string, (trip: Trip) => Promise<unknown>>> = {
  loyalty: async (trip) => numberOf(await identity.sessions("byLoyalty", trip, loyaltyNumber(1))),
  card: async (trip) =>
    numberOf(await identity.room.call("ForPayments", "payments", "byCard", trip, cardReference("twice"))),
  pairing: async (trip) => {
    const made = await identity.edge<Result<{ readonly code: string }, string>>("createPairingCode", who, STORE);
    const { code } = valueOf(made);
    await identity.sessions("byPairing", trip, code);
    valueOf(await identity.edge("confirmPairing", who, code));
    numberOf(await identity.sessions("byPairing", trip, code));
  },
};

/** What an entry says of this trip and no other: everything that is not of a closed list, a cart's or a store's. */
const factsOf = ({ detail }: AuditAct) =>
  Object.entries(detail ?? {}).filter(([name]) => !["purpose", "fields", "cart", "store", "why"].includes(name));

test.each(Object.keys(WAYS))("two trips that are known by %s share no value in the audit log", async (way) => {
  const [one, other] = [newTrip(), newTrip()];
  for (const trip of [one, other]) {
    await WAYS[way]?.(trip);
    await identity.sessions("end", trip.session);
  }
  const acts = await identity.acts();
  const said = [one, other].map(({ session }) => acts.filter(({ on }) => on === `session:${session}`).flatMap(factsOf));
  const values = said.map((facts) => facts.map(([, value]) => value).filter((value) => value !== null));
  expect(values[0]?.length).toBeGreaterThan(0);
  expect(values[1]?.filter((value) => values[0]?.includes(value))).toEqual([]);
  // Nor a value that any entry about the person has.
  const elsewhere = JSON.stringify(acts.filter(({ on }) => on.startsWith("subject:")));
  expect(values.flat().filter((value) => elsewhere.includes(String(value)))).toEqual([]);
});
