import { afterAll, beforeAll, expect, test } from "vitest";
import type { Result } from "../../../protocol/result.ts";
import type { Principal, Profile } from "../../../protocol/rooms/identity.ts";
import type { Ordered, PrivacyOrder } from "../../../protocol/rooms/privacy.ts";
import type { StoreAnswer } from "../../../protocol/rooms/privacy-stores.ts";
import { isolate } from "./isolate-under-test.ts";
import { applyCorrection } from "../privacy-correction.ts";
import { type IdentityUnderTest, LOYALTY, loyaltyNumber, person, startIdentity, valueOf } from "../test/room.ts";

const KEYS = {
  IDENTITY_KEK: Buffer.alloc(32, 21).toString("base64"),
  IDENTITY_INDEX_KEY: Buffer.alloc(32, 41).toString("base64"),
};
/** Longer ago than today, wherever the cell is. */
const BEFORE = "2026-11-02";

let identity: IdentityUnderTest;
let people = 0;
beforeAll(async () => {
  identity = await startIdentity(undefined, undefined, KEYS);
  valueOf(await identity.ops("registerLoyaltyFormat", LOYALTY));
});
afterAll(() => identity.room.stop());

const order = (correction: Partial<Profile>): PrivacyOrder => ({
  kind: "correction",
  law: null,
  correction,
  key: null,
});
const apply = async (request: string) =>
  valueOf(await identity.room.call<Result<StoreAnswer, string>>("ForRights", "rights", "correct", request));
const inTheApp = async (who: Principal, change: Partial<Profile>) =>
  valueOf(await identity.edge<Result<Profile, string>>("correct", who, change));
const profileOf = async (who: Principal) => valueOf(await identity.edge<Result<Profile, string>>("profile", who));
const inTheAppAsked = async (who: Principal, change: Partial<Profile>) =>
  valueOf(await identity.edge<Result<Ordered, string>>("createPrivacyRequest", who, order(change))).request;

/** Somebody with an account and a number that a letter can name. */
async function somebody() {
  people += 1;
  const [who, number] = [person(`corrected-${people}`), loyaltyNumber(400 + people)];
  valueOf(await identity.edge("addLoyaltyCard", who, number));
  const letter = async (change: Partial<Profile>) =>
    valueOf(await identity.ops<Result<Ordered, string>>("createLetterRequest", number, order(change), BEFORE, "pat"))
      .request;
  return { who, letter };
}

test("a letter that waited leaves alone what the person changed in the app since, and corrects the rest", async () => {
  const { who, letter } = await somebody();
  const request = await letter({ name: "By Letter", nickname: "Letter" });
  await inTheApp(who, { name: "In The App" });
  expect(await apply(request)).toEqual({ store: "persons", outcome: "corrected", count: 1, left: 0 });
  expect(await profileOf(who)).toMatchObject({ name: "In The App", nickname: "Letter" });
});

test("a letter that staff enter days later is older than what was changed in the app in between", async () => {
  const { who, letter } = await somebody();
  await inTheApp(who, { name: "In The App" });
  expect(await apply(await letter({ name: "By Letter" }))).toMatchObject({ count: 0, left: 0 });
  expect(await profileOf(who)).toMatchObject({ name: "In The App" });
});

test("a request takes the place of what was changed in the app before it, on the same day too", async () => {
  const { who } = await somebody();
  await inTheApp(who, { name: "In The App" });
  expect(await apply(await inTheAppAsked(who, { name: "By Request" }))).toMatchObject({ count: 1, left: 0 });
  expect(await profileOf(who)).toMatchObject({ name: "By Request" });
});

test("a step that is done again does not undo what was changed since it was done first", async () => {
  const { who } = await somebody();
  const request = await inTheAppAsked(who, { name: "By Request", nickname: "Request" });
  expect(await apply(request)).toMatchObject({ count: 2, left: 0 });
  await inTheApp(who, { nickname: "App", phone: "+4930123456" });
  expect(await apply(request)).toMatchObject({ count: 1, left: 0 });
  expect(await profileOf(who)).toMatchObject({ name: "By Request", nickname: "App", phone: "+4930123456" });
});

test("a change that comes while the request is being carried out stays, and the request is carried out anew", async () => {
  const { who } = await somebody();
  const request = await inTheAppAsked(who, { name: "By Request" });
  const room = await isolate(identity, KEYS);
  const racing = {
    ...room,
    trail: {
      ...room.trail,
      join: async () => {
        await inTheApp(who, { name: "In The App" });
        return true;
      },
    },
  };
  expect(await applyCorrection(racing, request)).toEqual({ ok: false, reason: "unavailable" });
  expect(await apply(request)).toMatchObject({ count: 0, left: 0 });
  expect(await profileOf(who)).toMatchObject({ name: "In The App" });
});
