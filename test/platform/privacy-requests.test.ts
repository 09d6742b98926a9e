import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PrivacyStatus } from "../../protocol/rooms/privacy.ts";
import { startBrowser } from "../../tools/browser/chromium.ts";
import { visit } from "../../tools/browser/visit.ts";
import { Person } from "../../tools/person/client.ts";
import { staffClient, type StaffClient } from "../../tools/staff/client.ts";
import { around, switchOn } from "../../tools/trip/party.ts";
import { shop, type TripResult } from "../../tools/trip/shopper.ts";
import { sampleCatalogue, startCellUnderTest, type CellUnderTest } from "./fixture.ts";
import { taken } from "./till.ts";

/** A status as staff see it. */
type Listed = PrivacyStatus & { readonly pastTarget: boolean; readonly overdue: boolean };
type File = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

let platform: CellUnderTest;
let privacy: StaffClient;
const goods = [...sampleCatalogue("eu").values()].filter(({ taxClass }) => taxClass === "food").slice(0, 2);
const SOON = { timeout: 30_000, interval: 200 };

beforeAll(async () => {
  platform = await startCellUnderTest("eu");
  privacy = staffClient({
    cell: "eu",
    origin: platform.place.origins.ops,
    signingJwk: platform.keys.outside.staffSigningJwk,
    staff: "pat",
    roles: ["privacy"],
  });
});
afterAll(() => platform.end());

async function signedIn(username: string, name: string): Promise<Person> {
  const { api, issuer } = platform.running.origins;
  const person = new Person({
    apiOrigin: api,
    issuerOrigin: issuer,
    username,
    name,
    email: `${username}@mail.example`,
  });
  await person.signIn();
  return person;
}

/** A paid trip of a person, linked by the app. */
async function trip(index: number, person: Person): Promise<TripResult> {
  const cart = await switchOn(platform.place, index);
  const surroundings = { ...(await around(platform.place, index, false)), person };
  return shop(
    cart,
    goods.map(({ gtin }) => gtin),
    "app",
    surroundings,
  );
}

/** A trip of a person, linked by the app, with one thing in the cart and not at an end. @returns its session */
async function open(index: number, person: Person): Promise<string> {
  const cart = await switchOn(platform.place, index);
  const { beacon, store } = await around(platform.place, index, false);
  taken("attestation", await cart.attest(beacon));
  const { session } = taken("open", await cart.open());
  const { code } = await person.pairingCode(store);
  taken("identity", await cart.identify("pairing", code));
  await person.confirm(code);
  expect(taken("identity", await cart.identify("pairing", code)).status).toBe("linked");
  taken("events", await cart.scan(goods[0]?.gtin ?? ""));
  return session;
}

const stateOf = async (person: Person, id: string) => (await person.privacyRequest(id)).state;

async function pos<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${platform.place.origins.pos}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${platform.keys.secrets["POS_KEY"]}`,
      "content-type": "application/json",
      "idempotency-key": crypto.randomUUID(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as T;
}
const told = async () =>
  (await pos<{ notices: Record<string, unknown>[] }>(`/v1/privacy-notices/${platform.place.store.store}`)).notices;
const letter = (loyalty: string | undefined, over: object) =>
  privacy.post<Listed>("/staff/v1/privacy-requests", { loyalty, receivedOn: "2026-11-02", ...over });
const see = (id: string) => privacy.get<Listed>(`/staff/v1/privacy-requests/${id}`);

describe("access", () => {
  test("finds everything of the person and nothing of anybody else, for its owner alone", async () => {
    const robin = await signedIn("robin", "Robin Requester");
    const other = await signedIn("other", "Olive Other");
    await robin.patch({ nickname: "Rob", address: "1 Example Street" });
    const [own, others] = [await trip(0, robin), await trip(1, other)];

    const asked = await robin.askPrivacy({ kind: "access" }, "access-of-robin");
    expect(asked).toMatchObject({ kind: "access", law: "gdpr", confirmBy: null, proofs: [] });
    expect((await robin.askPrivacy({ kind: "access" }, "access-of-robin")).request).toBe(asked.request);
    await expect(robin.askPrivacy({ kind: "erasure" }, "access-of-robin")).rejects.toThrow("idempotency_mismatch");
    await expect.poll(() => stateOf(robin, asked.request), SOON).toBe("done");

    const done = await robin.privacyRequest(asked.request);
    expect(done.steps.map(({ store, state }) => [store, state])).toEqual(
      ["sessions", "receipts", "entities", "persons"].map((store) => [store, "proved"]),
    );
    expect(done.steps.every(({ proof }) => proof?.left === 0)).toBe(true);
    const file = (await robin.accessFile(asked.request)) as File;
    expect(file["profile"]).toEqual([
      expect.objectContaining({
        name: "Robin Requester",
        email: "robin@mail.example",
        nickname: "Rob",
        address: "1 Example Street",
      }),
    ]);
    expect(file["trips"]?.map(({ session }) => session)).toEqual([own.session]);
    expect(file["receipts"]?.map(({ reference }) => reference)).toEqual([own.receipt?.reference]);
    const purposes = file["looks"]?.map(({ purpose }) => purpose) ?? [];
    for (const purpose of ["account_create", "profile_correct", "identify_pairing", "privacy_export"])
      expect(purposes).toContain(purpose);
    const text = JSON.stringify(file);
    for (const strange of ["Olive", "other@mail.example", others.session, others.receipt?.reference ?? "?"])
      expect(text).not.toContain(strange);

    for (const call of ["privacyRequest", "accessFile"] as const)
      await expect(other[call](asked.request)).rejects.toThrow("not_found");
    expect(await other.privacyRequests()).toEqual([]);
    expect((await robin.privacyRequests()).map(({ request }) => request)).toEqual([asked.request]);
  });

  test("has the basket of a trip that goes on, and not that of a cart that somebody else has taken over since", async () => {
    const person = await signedIn("ongoing", "Otis Ongoing");
    const [ongoing, takenOver] = [await open(3, person), await open(4, person)];
    // Identity's row as it was a moment ago, when the number on that cart was still this person's.
    const rows = await platform.running.hosts.platform.getD1Database("ENTITIES", "cartwright-identity-eu");
    await rows.prepare("UPDATE session_links SET one_trip = ? WHERE session = ?").bind("0".repeat(32), takenOver).run();
    const { request } = await person.askPrivacy({ kind: "access" });
    await expect.poll(() => stateOf(person, request), SOON).toBe("done");
    const file = (await person.accessFile(request)) as File;
    expect(file["baskets"]).toMatchObject([{ session: ongoing, lines: [{ quantity: 1 }] }]);
    expect(JSON.stringify(file)).not.toMatch(/"[0-9a-f]{32}"/);
  });

  test("is a page that can be read, in Chromium, narrow and wide, without a script", async (context) => {
    const browser = await startBrowser();
    if (browser === null) return context.skip();
    const person = await signedIn("reader", "Rita Reader");
    await trip(2, person);
    const { request } = await person.askPrivacy({ kind: "access" });
    await expect.poll(() => stateOf(person, request), SOON).toBe("done");
    const { url, headers } = person.accessPage(request);
    for (const width of [320, 1280]) {
      const visited = await visit(browser, {
        viewport: { width, height: 900 },
        extraHTTPHeaders: headers,
        javaScriptEnabled: false,
      });
      const response = await visited.page.goto(url);
      expect(response?.status()).toBe(200);
      expect(response?.headers()["content-type"]).toContain("text/html");
      await expect(visited.page.title()).resolves.toBe("What we have about you");
      const text = await visited.page.locator("main").innerText();
      for (const shown of ["Rita Reader", "Who looked", goods[0]?.name ?? "?", "this file was made", "the GDPR"])
        expect(text).toContain(shown);
      const wide = await visited.page.locator("html").evaluate((html) => html.scrollWidth);
      expect(wide).toBeLessThanOrEqual(width);
      expect(await visited.page.locator("table th[scope=col]").count()).toBeGreaterThan(10);
      expect(visited.errors).toEqual([]);
      const folder = process.env["SCREENSHOTS"];
      if (folder !== undefined)
        await visited.page.screenshot({ path: `${folder}/access-${width}.png`, fullPage: true });
      await visited.close();
    }
    await browser.close();
  });
});

describe("a correction by letter", () => {
  test("waits for the identity check, is applied and reaches the recipient, who alone can read it", async () => {
    const loyalty = platform.place.store.loyaltyNumbers[4];
    const taken = await letter(loyalty, { kind: "correction", correction: { name: "Corrected Name", phone: null } });
    expect(taken).toMatchObject({ state: "received", deadline: "2026-12-02", target: "2026-12-02", overdue: false });
    await expect(letter(loyalty, { kind: "correction", correction: { name: "Twice" } })).rejects.toThrow(
      "already_open",
    );
    expect((await see(taken.request)).state).toBe("received");
    await privacy.post(`/staff/v1/privacy-requests/${taken.request}/identity-check`, { how: "document" });
    await expect.poll(async () => (await see(taken.request)).state, SOON).toBe("done");
    expect(await told()).toContainEqual(
      expect.objectContaining({ kind: "correction", loyalty: [loyalty], fields: { name: "Corrected Name" } }),
    );
    const rows = JSON.stringify(await platform.rows("identity", "ENTITIES"));
    expect(rows).not.toContain("Corrected Name");
  });

  test("is never done while the recipient's POS is down, is seen to wait, and outlives a crash", async () => {
    const loyalty = platform.place.store.loyaltyNumbers[5];
    const { store } = platform.place.store;
    await pos("/v1/behaviours", { store, on: "privacy-notices", behaviour: "fail_once", times: 2 });
    const { request } = await letter(loyalty, { kind: "correction", correction: { name: "Later Told" } });
    await privacy.post(`/staff/v1/privacy-requests/${request}/identity-check`, { how: "call_back" });
    await expect
      .poll(async () => (await see(request)).steps.find(({ store: each }) => each === "recipients")?.state, SOON)
      .toBe("waiting");
    const meanwhile = await see(request);
    expect(meanwhile).toMatchObject({ state: "running", ended: null });
    expect(meanwhile.steps[0]).toMatchObject({ store: "persons", state: "proved" });
    platform.running.crash("platform");
    await platform.running.revive("platform");
    await expect.poll(async () => (await see(request)).state, SOON).toBe("done");
    expect((await told()).filter(({ loyalty: [of] = [] }: { loyalty?: string[] }) => of === loyalty)).toHaveLength(1);
  });
});

describe("staff", () => {
  test("see what is overdue, extend only in time, refuse only under the law of the request, and then nothing more", async () => {
    const [, , , , , , late, soon] = platform.place.store.loyaltyNumbers;
    const overdue = await letter(late, { kind: "access", receivedOn: "2026-09-01" });
    expect(overdue).toMatchObject({ overdue: true, pastTarget: true, deadline: "2026-10-01" });
    const at = (id: string, what: string) => `/staff/v1/privacy-requests/${id}/${what}`;
    await expect(privacy.post(at(overdue.request, "extension"), { reason: "complex" })).rejects.toThrow("state");

    const open = await letter(soon, { kind: "access" });
    const extended = await privacy.post<Listed>(at(open.request, "extension"), { reason: "complex" });
    expect(extended).toMatchObject({ deadline: "2027-02-02", extension: { reason: "complex" } });
    await expect(privacy.post(at(open.request, "extension"), { reason: "complex" })).rejects.toThrow("state");
    await expect(privacy.post(at(open.request, "refusal"), { law: "ccpa-7060" })).rejects.toThrow("state");
    const refused = await privacy.post<Listed>(at(open.request, "refusal"), { law: "gdpr-11-2" });
    expect(refused).toMatchObject({ state: "refused", refusal: "gdpr-11-2" });
    await expect(privacy.post(at(open.request, "identity-check"), { how: "document" })).rejects.toThrow("state");

    const { requests } = await privacy.get<{ requests: Listed[] }>("/staff/v1/privacy-requests");
    expect(requests[0]?.request).toBe(overdue.request);
    expect(requests.find(({ request }) => request === open.request)?.state).toBe("refused");
    expect(JSON.stringify(requests)).not.toContain(String(late));
    await expect(letter("9820000009999", { kind: "access" })).rejects.toThrow("not_found");
    const cashier = staffClient({
      cell: "eu",
      origin: platform.place.origins.ops,
      signingJwk: platform.keys.outside.staffSigningJwk,
    });
    await expect(cashier.get("/staff/v1/privacy-requests")).rejects.toThrow("forbidden");
  });
});

describe("erasure by the app", () => {
  test("is done when every store has proved it, with proofs of its acts, and its owner still reads how it ended", async () => {
    const person = await signedIn("gone", "Greta Gone");
    const { session } = await trip(3, person);
    const asked = await person.eraseMe();
    expect((await person.eraseMe().catch(() => asked)).request).toBe(asked.request);
    await expect.poll(() => stateOf(person, asked.request), SOON).toBe("done");
    const done = await person.privacyRequest(asked.request);
    expect(done.steps.map(({ proof }) => proof?.left)).toEqual(done.steps.map(() => 0));
    expect(done.stays.map(({ store }) => store)).toEqual(["receipts"]);
    await expect
      .poll(async () => (await person.privacyRequest(asked.request)).proofs.length, { timeout: 30_000, interval: 500 })
      .toBe(done.acts.length);
    await expect(person.me()).rejects.toThrow("erased");
    const left = JSON.stringify([
      await platform.rows("identity", "ENTITIES"),
      await platform.rows("identity", "PERSONS"),
    ]);
    expect(left).toContain(session);
    const link = (await platform.rows("identity", "ENTITIES")).find((row) => row["session"] === session);
    expect(link).toMatchObject({ customer: null });
  });
});
