import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CalendarDate } from "../../protocol/calendar/date.ts";
import { PRIVACY_KINDS, type PrivacyFacts, type PrivacyKind } from "../../protocol/rooms/privacy.ts";
import type { StoreProof } from "../../protocol/rooms/privacy-stores.ts";
import { alarmAt, KEEP_MS } from "./pace.ts";
import { partsOf } from "./parts.ts";
import {
  isLawOf,
  isProved,
  mayExtend,
  mayRefuse,
  meant,
  moved,
  newStanding,
  proved,
  refused,
  type Standing,
  statusOf,
  STEPS,
  waiting,
} from "./standing.ts";

const facts = (kind: PrivacyKind, over: Partial<PrivacyFacts> = {}): PrivacyFacts => ({
  request: "0b7c2a52-5c2c-4a1e-9d0e-7f0d3c1b2a49",
  kind,
  law: "gdpr",
  subject: "ab".repeat(32),
  received: 1_000,
  receivedOn: "2026-12-31" as CalendarDate,
  checkedBy: "token",
  outcome: null,
  ...over,
});
const proof = (store: StoreProof["store"], over: Partial<StoreProof> = {}): StoreProof => ({
  store,
  outcome: "erased",
  count: 1,
  left: 0,
  auditIndex: 7,
  at: 2_000,
  ...over,
});
const day = (text: string) => text as CalendarDate;
const allProved = (kind: PrivacyKind): Standing =>
  STEPS[kind].reduce((standing, store) => proved(standing, proof(store)), newStanding(facts(kind)));

describe("a request's standing", () => {
  test.each(PRIVACY_KINDS)("of %s is proved only when each of its stores is, whatever the order", (kind) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...STEPS[kind]]), (some) => {
        const standing = some.reduce((each, store) => proved(each, proof(store)), newStanding(facts(kind)));
        expect(isProved(standing)).toBe(some.length === STEPS[kind].length);
      }),
    );
  });

  test("takes no proof that leaves something", () => {
    expect(() => proved(newStanding(facts("erasure")), proof("vault", { left: 1 }))).toThrow(
      "vault has something left",
    );
  });

  test("asks for the key last of an erasure's own stores, and for what leads elsewhere before", () => {
    const order = STEPS.erasure;
    const at = (store: (typeof order)[number]) => order.indexOf(store);
    for (const before of ["sessions", "vault", "receipts", "telemetry", "recipients"] as const)
      expect(at(before)).toBeLessThan(at("entities"));
    expect(at("persons")).toBeLessThan(at("person_keys"));
    expect(at("person_keys")).toBeLessThan(at("audit"));
  });

  test("shows deadlines, what stays and nothing of the person", () => {
    const held = proof("receipts", { outcome: "held", law: "§ 147 AO", until: day("2034-12-31") });
    const status = statusOf(proved(newStanding(facts("erasure")), held));
    expect(status).toMatchObject({
      deadline: "2027-02-01",
      target: "2027-01-29",
      stays: [{ store: "receipts", law: "§ 147 AO", until: "2034-12-31" }],
      acts: [7],
      proofs: [],
    });
    expect(JSON.stringify(status)).not.toContain("ab".repeat(32));
  });

  test("shows the extended deadline once it is extended", () => {
    const standing = {
      ...newStanding(facts("access")),
      extension: { reason: "complex", on: day("2027-01-10") },
    } as const;
    expect(statusOf(standing)).toMatchObject({ deadline: "2027-03-31", extension: { reason: "complex" } });
  });
});

describe("staff", () => {
  const open = newStanding(facts("access"));
  test("may extend once, up to the end of the first period and not after", () => {
    expect(mayExtend(open, day("2027-01-30"))).toBe(true);
    expect(mayExtend(open, day("2027-01-31"))).toBe(false);
    const extended = { ...open, extension: { reason: "complex", on: day("2027-01-10") } } as const;
    expect(mayExtend(extended, day("2027-01-11"))).toBe(false);
    expect(mayExtend(moved(open, "done", 1, 5), day("2027-01-11"))).toBe(false);
  });

  test.each(["erasure", "correction"] as const)(
    "may refuse no %s once a store was asked to change something: its answer may be what was lost",
    (kind) => {
      const [store = "persons"] = STEPS[kind];
      const asked = newStanding(facts(kind));
      expect(mayRefuse(asked)).toBe(true);
      expect(mayRefuse(meant(asked, store, 5))).toBe(false);
      expect(mayRefuse(waiting(meant(asked, store, 5), store))).toBe(false);
    },
  );

  test("may refuse until a store has done something, and only under the law of the request", () => {
    expect(mayRefuse(open)).toBe(true);
    expect(mayRefuse(waiting(meant(open, "sessions", 5), "sessions"))).toBe(true);
    expect(mayRefuse(proved(open, proof("sessions")))).toBe(false);
    expect(mayRefuse(refused(open, "gdpr-11-2", 3, 5))).toBe(false);
    expect(isLawOf(open, "gdpr-12-5-b")).toBe(true);
    expect(isLawOf(open, "ccpa-7060")).toBe(false);
    expect(isLawOf(newStanding(facts("access", { law: "ccpa" })), "ccpa-7060")).toBe(true);
  });
});

describe("the one alarm", () => {
  test("rings at once, then ever later while a store does not answer, a quarter of an hour at the most", () => {
    const first = meant(newStanding(facts("erasure")), "sessions", 10_000);
    expect(alarmAt(newStanding(facts("erasure")), 10_000)).toBe(11_000);
    expect(alarmAt(first, 10_000)).toBe(11_000);
    expect(alarmAt(waiting(first, "sessions"), 70_000)).toBe(130_000);
    expect(alarmAt(first, 10_000 + 86_400_000)).toBe(10_000 + 86_400_000 + 15 * 60_000);
  });

  test("does not ring while staff have not said who wrote a letter", () => {
    const standing = newStanding(facts("access", { checkedBy: "staff" }));
    expect(alarmAt(standing, 5)).toBeNull();
    expect(alarmAt(moved(standing, "identity_checked", 1, 5), 5)).not.toBeNull();
  });

  test("asks for missing proofs, and at last for the end of the evidence", () => {
    const done = moved(allProved("access"), "done", 9, 1_000);
    expect(alarmAt(done, 2_000)).toBe(7_000);
    expect(alarmAt(done, 1_000 + 86_400_000)).toBe(1_000 + KEEP_MS);
    const given = { ...done, proofs: done.acts.map((index) => ({ index, proof: "p" })) };
    expect(alarmAt(given, 2_000)).toBe(1_000 + KEEP_MS);
    const never = { ...done, unprovable: done.acts };
    expect(alarmAt(never, 2_000)).toBe(1_000 + KEEP_MS);
  });
});

describe("parts of a file", () => {
  test("together are the list, in its order, and none is larger than it may be", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: fc.string({ maxLength: 20 }) })),
        fc.integer({ min: 60, max: 200 }),
        (list, most) => {
          const parts = partsOf(list, most);
          expect(parts.flat()).toEqual(list);
          for (const part of parts) {
            expect(part.length).toBeGreaterThan(0);
            if (part.length > 1) expect(JSON.stringify(part).length).toBeLessThanOrEqual(most + 2);
          }
        },
      ),
    );
  });
});
