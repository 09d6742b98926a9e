import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { Receipt, ReceiptSummary } from "../app/receipt-schemas.ts";
import { neighbour, neighbours, type Neighbour } from "./neighbours.ts";
import { REFERENCE, sampleReceipt } from "./receipt-sample.ts";

const UNKNOWN = "AAAAAAAAAAAAAAAAAAAAAA";

let room: RoomUnderTest;
let stores: Neighbour;
beforeAll(async () => {
  room = await startRoom("edge", { neighbours });
  stores = neighbour(room, "stores");
  await stores.tell({
    [`ForEdge.receipt ${REFERENCE}`]: { ok: true, value: sampleReceipt(Date.now() + 86_400_000) },
    "ForEdge.receipt": { ok: false, reason: "unknown" },
  });
});
afterAll(() => room.stop());

const get = (reference: string, accept = "application/json") => room.fetch(`/r/${reference}`, { headers: { accept } });

describe("a receipt", () => {
  it("is shown to whoever has its reference, as JSON of the documented form", async () => {
    const response = await get(REFERENCE);
    const body: unknown = await response.json();
    expect(response.status).toBe(200);
    expect(Receipt.strict().parse(body)).toEqual(body);
  });

  it("tells no index, no other site and no shared cache, found or not", async () => {
    for (const reference of [REFERENCE, UNKNOWN]) {
      const { headers } = await get(reference);
      expect([headers.get("referrer-policy"), headers.get("x-robots-tag")]).toEqual(["no-referrer", "noindex"]);
      expect(headers.get("cache-control")).toBe("private, no-store");
      expect(headers.get("vary")).toBe("Accept, Accept-Language");
    }
  });

  it("is a page for a browser, with nothing that the policy would block", async () => {
    const response = await get(REFERENCE, "text/html,application/xhtml+xml,*/*;q=0.8");
    const html = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
    expect(html).toContain("Milk");
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|https?:/i);
    const links = [...html.matchAll(/\s(?:href|src)="(\/[^"]*)"/g)].map(([, link]) => link ?? "");
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect([link, (await room.fetch(link)).status]).toEqual([link, 200]);
  });

  it.each(["application/json", "text/html"])(
    "that is not there and a reference that can't be are the same bytes of %s, whatever the reason",
    async (accept) => {
      const references = [UNKNOWN, "short", `${REFERENCE}x`, "%00", "a".repeat(500)];
      const answers = await Promise.all(references.map((each) => get(each, accept)));
      const texts = await Promise.all(answers.map((each) => each.text()));
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
      expect(answers[0]?.headers.get("content-type")).toContain(accept === "text/html" ? accept : "problem+json");
      expect(new Set(texts).size).toBe(1);
    },
  );

  it("keeps seller and amounts after its full view has ended, and no longer what was bought", async () => {
    await stores.tell({ "ForEdge.receipt BBECAwQFBgcICQoLDA0ODw": { ok: true, value: sampleReceipt(Date.now() - 1) } });
    const text = await (await get("BBECAwQFBgcICQoLDA0ODw")).text();
    const body: unknown = JSON.parse(text);
    expect(ReceiptSummary.strict().parse(body)).toEqual(body);
    expect(text).not.toMatch(/Milk|VISA|1111/);
  });

  it("is not offered in another type", async () => {
    const response = await get(REFERENCE, "application/pdf");
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([406, "not_acceptable"]);
  });

  it("whose store does not answer can be asked for again", async () => {
    await stores.tell({ "ForEdge.receipt CBECAwQFBgcICQoLDA0ODw": { ok: false, reason: "unavailable" } });
    const response = await get("CBECAwQFBgcICQoLDA0ODw");
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  });
});
