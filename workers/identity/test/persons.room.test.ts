import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoyaltyCard, Member, Profile } from "../../../protocol/rooms/identity.ts";
import { startRoom } from "../../../tools/platform/room-under-test.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, newTrip, person, startIdentity, valueOf } from "./room.ts";

const TEST_CARD = "4111 1111 1111 1111";
const state = mkdtempSync(join(tmpdir(), "identity-persons-"));
const secrets = ["mia@mail.example", "+4915112345678", "Rosenweg", "Mia Muster", loyaltyNumber(1), loyaltyNumber(60)];

let identity: IdentityUnderTest;

beforeAll(async () => {
  identity = await startIdentity(state);
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
});
afterAll(async () => {
  await identity.room.stop();
  rmSync(state, { recursive: true, force: true });
});

const profileOf = async (subject: string) => valueOf<Profile>(await identity.edge("profile", person(subject)));
const member = (loyalty: string, more: Partial<Member> = {}): Member => ({
  loyalty,
  email: null,
  name: null,
  phone: null,
  nickname: null,
  ...more,
});

describe("an account", () => {
  test("is made at first sight with the token's e-mail and name, once, however many calls come first", async () => {
    const profiles = await Promise.all(Array.from({ length: 8 }, () => profileOf("lea")));
    for (const profile of profiles)
      expect(profile).toEqual({
        email: "lea@mail.example",
        name: "Name of lea",
        phone: null,
        address: null,
        nickname: null,
      });
    const db = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
    expect((await db.prepare("SELECT id FROM customers WHERE kind = 'account'").all()).results).toHaveLength(1);
    const bucket = await identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
    expect((await bucket.list()).objects).toHaveLength(1);
  });

  test("keeps its fields when a later token says otherwise", async () => {
    await profileOf("lea");
    const later = await identity.edge("profile", { ...person("lea"), email: "other@mail.example", name: null });
    expect(later).toMatchObject({ value: { email: "lea@mail.example", name: "Name of lea" } });
  });

  test("of the same subject at another issuer is another person", async () => {
    valueOf(await identity.edge("correct", person("noa"), { nickname: "Noa" }));
    const other = await identity.edge("profile", { ...person("noa"), issuer: "https://other.example" });
    expect(other).toMatchObject({ value: { nickname: null } });
  });

  test("leaves out what the token says when it is no e-mail, or holds a card number", async () => {
    const odd = { ...person("odd"), email: "not an address", name: `Odd ${TEST_CARD}` };
    expect(await identity.edge("profile", odd)).toMatchObject({ value: { email: null, name: null } });
  });

  test("can be corrected field by field, and a field cleared", async () => {
    const change = { phone: "+49 151 1234-5678", address: "Rosenweg 1\n12345 Ort", nickname: "Mia" };
    expect(await identity.edge("correct", person("mia"), change)).toMatchObject({
      value: { email: "mia@mail.example", phone: "+4915112345678", nickname: "Mia" },
    });
    expect(await identity.edge("correct", person("mia"), { nickname: null })).toMatchObject({
      value: { phone: "+4915112345678", nickname: null },
    });
  });

  test("takes a correction whole or not at all", async () => {
    const before = await profileOf("mia");
    for (const change of [
      { name: "Mia Neu", nickname: "thirteen char" },
      { name: "Mia Neu", nickname: "a\u202Eb" },
      { name: "Mia Neu", email: "nobody" },
      { name: "Mia Neu", birthday: "2000-01-01" },
      { name: "Mia Neu", phone: 5 },
    ])
      expect(await identity.edge("correct", person("mia"), change)).toEqual({ ok: false, reason: "invalid" });
    expect(await identity.edge("correct", person("mia"), { address: TEST_CARD })).toEqual({
      ok: false,
      reason: "pan_detected",
    });
    expect(await profileOf("mia")).toEqual(before);
  });

  test("is unreadable for good once its key is destroyed", async () => {
    valueOf(await identity.edge("correct", person("uma"), { nickname: "Uma" }));
    const db = await identity.room.miniflare.getD1Database("PERSONS", identity.room.worker);
    const newest = await db.prepare("SELECT id FROM persons ORDER BY created DESC LIMIT 1").first<{ id: string }>();
    const bucket = await identity.room.miniflare.getR2Bucket("PERSON_KEYS", identity.room.worker);
    await bucket.delete(`eu/${newest?.id}`);
    expect(await identity.edge("profile", person("uma"))).toEqual({ ok: false, reason: "unavailable" });
  });

  test("does not show a field that was moved to it from another person", async () => {
    await profileOf("ivo");
    await profileOf("eva");
    await identity.run(
      "PERSONS",
      "UPDATE persons SET email = (SELECT email FROM persons p WHERE p.id <> persons.id AND p.email IS NOT NULL LIMIT 1) WHERE created = (SELECT max(created) FROM persons)",
    );
    expect(await identity.edge("profile", person("eva"))).toEqual({ ok: false, reason: "unavailable" });
  });
});

describe("the audit log", () => {
  test("has who, why, which fields and a commitment for each look, and nothing that names a person", async () => {
    await profileOf("zoe");
    const acts = await identity.acts();
    expect(acts.at(-1)).toMatchObject({
      who: "edge",
      kind: "tier_join",
      from: "ForEdge.profile",
      success: true,
      detail: { purpose: "profile_show", fields: "email name phone address nickname" },
    });
    expect(acts.at(-1)?.on).toMatch(/^subject:[0-9a-f]{64}$/);
    const db = await identity.room.miniflare.getD1Database("ENTITIES", identity.room.worker);
    const ids = (await db.prepare("SELECT id FROM customers").all<{ id: string }>()).results.map(({ id }) => id);
    const text = JSON.stringify(acts);
    for (const secret of [...secrets, ...ids, "zoe"]) expect(text).not.toContain(secret);
  });

  test("gets one event for a refusal at the app's door, with nothing of the input", async () => {
    const before = (await identity.acts()).length;
    expect(
      await identity.edge("refused", "pan_detected", "POST /v1/me/loyalty-cards/4111111111111111?x=Mia", "number"),
    ).toEqual({ ok: true });
    expect((await identity.acts()).slice(before)).toEqual([
      expect.objectContaining({
        kind: "pan_detected",
        on: "POST /v1/me/loyalty-cards/{value}",
        detail: { code: "pan_detected", field: "number" },
      }),
    ]);
  });
});

describe("an import of members", () => {
  test("adds the good rows, names the bad ones by number, and adds nobody twice", async () => {
    const members = [
      member(loyaltyNumber(60), { email: "mia@mail.example", name: "Mia Muster", nickname: "Mimi" }),
      member("9900000000000001"),
      member(loyaltyNumber(61), { email: "nobody" }),
      member("4111111111111111"),
      member(loyaltyNumber(60)),
      member(loyaltyNumber(62), { name: `pays with ${TEST_CARD}` }),
      member(loyaltyNumber(63)),
    ];
    expect(await identity.ops("importMembers", members)).toEqual({
      ok: true,
      value: {
        added: 2,
        refused: [
          { row: 2, reason: "invalid_loyalty" },
          { row: 3, reason: "invalid_profile" },
          { row: 4, reason: "pan_detected" },
          { row: 5, reason: "duplicate" },
          { row: 6, reason: "pan_detected" },
        ],
      },
    });
    expect(await identity.sessions("byLoyalty", newTrip(), loyaltyNumber(60))).toMatchObject({
      value: { status: "linked", nickname: "Mimi" },
    });
    const again = await identity.ops("importMembers", members.slice(0, 1));
    expect(again).toEqual({ ok: true, value: { added: 0, refused: [{ row: 1, reason: "taken" }] } });
  });

  test("takes more rows than one statement or batch can hold", async () => {
    const many = Array.from({ length: 230 }, (_, i) =>
      member(loyaltyNumber(1000 + i), { email: `m${i}@mail.example`, name: "M", phone: "+491511234", nickname: "M" }),
    );
    expect(await identity.ops("importMembers", many)).toEqual({ ok: true, value: { added: 230, refused: [] } });
    for (const serial of [1000, 1113, 1229])
      expect(await identity.sessions("byLoyalty", newTrip(), loyaltyNumber(serial))).toMatchObject({
        value: { status: "linked" },
      });
  });
});

test("nothing on disk holds a person's field or loyalty number in the clear", async () => {
  valueOf<LoyaltyCard>(await identity.edge("addLoyaltyCard", person("mia"), loyaltyNumber(1)));
  const files = readdirSync(state, { recursive: true, encoding: "utf8" })
    .map((name) => join(state, name))
    .filter((path) => statSync(path).isFile());
  const contents = files.map((path) => readFileSync(path, "latin1"));
  expect(contents.some((text) => text.includes("loyalty_numbers"))).toBe(true);
  for (const secret of secrets) for (const text of contents) expect(text).not.toContain(secret);
});

test("a room without its key answers nothing and names what is missing", async () => {
  const bare = await startRoom("identity", {
    secrets: { IDENTITY_KEK: "" },
    neighbours: {
      audit: `import { WorkerEntrypoint } from "cloudflare:workers"; export class ForIdentity extends WorkerEntrypoint {} export default {};`,
    },
  });
  try {
    await expect(bare.call("ForEdge", "edge", "profile", person("ann"))).rejects.toThrow(
      "binding IDENTITY_KEK is missing",
    );
    expect((await bare.fetch("/")).status).toBe(404);
  } finally {
    await bare.stop();
  }
});

test("a database that does not answer is unavailable, not an error", async () => {
  await identity.run("ENTITIES", "ALTER TABLE session_links RENAME TO gone");
  expect(await identity.sessions("byLoyalty", newTrip(), loyaltyNumber(1))).toEqual({
    ok: false,
    reason: "unavailable",
  });
});
