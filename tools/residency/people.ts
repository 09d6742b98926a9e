import { checkDigit } from "../../protocol/gtin/gtin.ts";
import type { Member } from "../../protocol/rooms/identity.ts";
import { Person } from "../person/client.ts";
import { around, switchOn, type Place } from "../trip/party.ts";
import { shop, type Identify } from "../trip/shopper.ts";

/** Somebody who exists for one search: every text of theirs is found nowhere else. */
export interface Probe {
  readonly username: string;
  readonly loyalty: string;
  readonly email: string;
  readonly name: string;
  readonly phone: string;
  readonly address: string;
  readonly nickname: string;
}

/** @param run six hex digits that no other run has */
export function probes(run: string, count: number): Probe[] {
  const number = String(Number.parseInt(run, 16) % 1_000_000).padStart(6, "0");
  return Array.from({ length: count }, (_, i) => {
    const digits = `98283${number}${i}`;
    return {
      username: `residency-${run}-${i}`,
      loyalty: `${digits}${checkDigit(digits)}`,
      email: `residency-${run}-${i}@example.org`,
      name: `Residency ${run} Nr ${i}`,
      phone: `+4930${number}${i}0`,
      address: `Probeweg ${i}, ${run} Probestadt`,
      nickname: `Pr-${run}-${i}`,
    };
  });
}

export const textsOf = (people: readonly Probe[]): string[] =>
  people.flatMap((each) => Object.values(each) as string[]);

const WAYS: readonly Identify[] = ["loyalty", "app", "card"];

/** What the probes did in their own cell. */
export interface Lived {
  readonly trips: number;
  readonly paidAndLinked: number;
  /** Those with accounts, signed in. */
  readonly holders: readonly Person[];
}

/**
 * The first half become members of the retailer, the others have accounts with every field filled in; each shops once a
 * way to be known.
 * @throws Problem or Error when the cell refuses what it takes from anybody
 */
export async function live(
  place: Place,
  people: readonly Probe[],
  codes: readonly string[],
  onTrip: () => void,
): Promise<Lived> {
  const half = Math.ceil(people.length / 2);
  const surroundings = await around(place, 0, false);
  const members = people.slice(0, half).map(asMember);
  await surroundings.staff.post("/admin/v1/members", { members });
  const { api, issuer } = place.origins;
  const holders: Person[] = [];
  for (const { username, email, name, phone, address, nickname, loyalty } of people.slice(half)) {
    const person = new Person({ apiOrigin: api, issuerOrigin: issuer, username, email, name });
    await person.signIn();
    await person.patch({ phone, address, nickname });
    await person.addLoyaltyCard(loyalty);
    holders.push(person);
  }
  const cart = await switchOn(place, 0);
  const outcomes: boolean[] = [];
  for (const [turn, probe] of people.entries()) {
    const person = holders[turn % holders.length] ?? null;
    const way = WAYS[turn % WAYS.length] ?? "loyalty";
    const basket = [0, 1].map((i) => codes[(turn + i) % codes.length] ?? "");
    const result = await shop(cart, basket, way, { ...surroundings, loyalty: probe.loyalty, person });
    outcomes.push(result.paid && result.linked);
    onTrip();
  }
  return { trips: outcomes.length, paidAndLinked: outcomes.filter(Boolean).length, holders };
}

/**
 * Has each account holder ask for erasure, as anybody may: for a platform that goes on after the search. Members without
 * an account can ask by letter alone, so they stay.
 * @returns how many requests were taken
 */
export async function leave({ holders }: Pick<Lived, "holders">): Promise<number> {
  const asked = await Promise.all(holders.map((holder) => holder.eraseMe()));
  return asked.filter(({ kind }) => kind === "erasure").length;
}

function asMember({ loyalty, email, name, phone, nickname }: Probe): Member {
  return { loyalty, email, name, phone, nickname };
}
