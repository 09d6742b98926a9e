import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cosign } from "../../../protocol/tlog/cosignature.ts";
import {
  COSIGNATURE,
  formatNote,
  parseNote,
  parseVerifierKey,
  signerOf,
  type VerifierKey,
} from "../../../protocol/tlog/note.ts";
import { verifyProofFile } from "../../../protocol/tlog/proof-file.ts";
import { verifyLog } from "../../../protocol/tlog/verify-log.ts";
import { auditorToken } from "../../../tools/audit/source.ts";
import { prunedTo } from "../../../protocol/pay/access-entry.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { CdeUnderTest } from "./cde-under-test.ts";

const CARD = { pan: TEST_CARDS.visa.pan, exp: "12/34" };

let under: CdeUnderTest;
let key: VerifierKey;
let token: string;

beforeAll(async () => {
  under = await CdeUnderTest.start();
  const parsed = await parseVerifierKey(under.keys.logs.logs.cde);
  if (!parsed.ok) throw new Error(parsed.reason);
  key = parsed.value;
  token = await auditorToken(under.keys.logs.auditorJwk, under.door.origin);
});
afterAll(() => under.stop());

// One story, in order: each test goes on with the log that the ones before it made.
describe("the environment's access log", () => {
  it("has each access in its tree, with the same fields as the copy in the database", async () => {
    await under.token(CARD);
    await published();
    const rows = await under.rows("SELECT at, actor, act, object, outcome FROM access_log ORDER BY id");
    expect(rows.length).toBeGreaterThan(0);
    expect(await entries()).toEqual(rows);
    expect(await verified()).toMatchObject({ ok: true });
  });

  it("has a charge's attempt before its outcome is known, then the outcome, then the card's opening", async () => {
    const before = (await entries()).length;
    const handoff = crypto.randomUUID();
    await under.charge(handoff, await under.token(CARD));
    await published();
    const acts = (await entries()).slice(before).map(({ act, outcome }) => `${act} ${outcome}`);
    expect(acts).toEqual(["tokenize granted", "authorize attempted", "authorize granted", "charge granted"]);
    const outside = crypto.randomUUID();
    await under.charge(outside, "0".repeat(24));
    await published();
    const refused = (await entries()).filter(({ object }) => object === outside);
    expect(refused.map(({ outcome }) => outcome).filter((outcome) => outcome === "granted")).toEqual([]);
  });

  it("says nothing of a card but a keyed digest", async () => {
    const text = JSON.stringify(await entries());
    expect(text).not.toContain(CARD.pan);
    expect(text).not.toContain(CARD.pan.slice(-6));
  });

  it("gives the custodians the proof of an order that they carried out, which holds alone", async () => {
    const { status, body } = await under.order({ order: "rotate" });
    expect(status).toBe(200);
    const proved = await verifyProofFile(body.proof ?? "", key, []);
    expect(proved).toMatchObject({ ok: true });
    const entry = new TextDecoder().decode(proved.ok ? proved.value.entry : undefined);
    expect(JSON.parse(entry)).toMatchObject({ actor: "custodian", act: "key_rotate", outcome: "granted" });
    expect((await under.order({ order: "status" })).body.proof).toBeUndefined();
  });

  it("takes the cosignature of its witness, and of nobody else", async () => {
    const note = parseNote(await text("checkpoint"));
    if (!note.ok) throw new Error(note.reason);
    const { witnessJwk, witnessName } = under.keys.logs;
    const witness = await signerOf(witnessName, COSIGNATURE, JSON.stringify(witnessJwk));
    const line = await cosign(note.value.text, 1_700_000_000, witness);
    const bring = (body: string, type = "text/plain") =>
      ask("cosignatures", { method: "POST", body, headers: { "content-type": type } });
    expect((await bring(await text("checkpoint"))).status).toBe(422);
    expect((await bring("x".repeat(20_000))).status).toBe(413);
    const cosigned = formatNote({ text: note.value.text, signatures: [...note.value.signatures, line] });
    expect((await bring(cosigned, "application/json")).status).toBe(415);
    expect((await bring(cosigned)).status).toBe(200);
    expect(await text("cosigned")).toBe(cosigned);
    const proof = await text("proofs/0");
    expect(await verifyProofFile(proof, key, [witness.key])).toMatchObject({
      ok: true,
      value: { index: 0, witnesses: [witnessName] },
    });
  });

  it("is read by its auditor alone", async () => {
    const stranger = await auditorToken(under.keys.readerVendor, under.door.origin);
    const elsewhere = await auditorToken(under.keys.logs.auditorJwk, "https://pay.us.cartwright.example");
    for (const authorization of ["", "Bearer x", `Bearer ${stranger}`, `Bearer ${elsewhere}`])
      for (const path of ["checkpoint", "tile/entries/000", "proofs/0", "cosigned"])
        expect((await under.cde.fetch(`/v1/audit/${path}`, { headers: { authorization } })).status).toBe(401);
    for (const path of ["tile/9", "proofs/x", "proofs/999", "..%2fcheckpoint", "x".repeat(100)])
      expect((await ask(path)).status, path).toBe(404);
  });

  it("goes on after a restart, and a card is not touched while it can't be appended to", async () => {
    const kept = await text("checkpoint");
    await under.restart();
    await under.token(CARD);
    await published();
    expect(await verified(kept)).toMatchObject({ ok: true });
    const bucket = await under.cde.miniflare.getR2Bucket("ACCESS_TILES", under.cde.worker);
    await bucket.put("checkpoint", kept);
    await under.restart();
    const [before] = await under.rows("SELECT count(*) AS n FROM tokens");
    const refused = await under.tokenize(CARD, crypto.randomUUID());
    expect(refused.status).toBe(500);
    expect(await under.rows("SELECT count(*) AS n FROM tokens")).toEqual([before]);
    expect(under.logged.some((line) => line.includes('"audit_log_halted","reason":"checkpoint_went_back"'))).toBe(true);
  });
});

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return under.cde.fetch(`/v1/audit/${path}`, {
    ...init,
    headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` },
  });
}

async function text(path: string): Promise<string> {
  return (await ask(path)).text();
}

async function read(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const response = await ask(path);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}

/** Waits for the batch of the last entry, by asking for its proof. */
async function published(): Promise<void> {
  const size = await under.cde.object<number>("AccessLog", "cde", "append", {
    at: 0,
    actor: "schedule",
    act: "purge",
    object: null,
    outcome: "granted",
  });
  expect(await under.cde.object("AccessLog", "cde", "proof", size)).toMatchObject({ ok: true });
}

async function entries(): Promise<{ at: number; act: string; object: string | null; outcome: string }[]> {
  const all: { at: number; act: string; object: string | null; outcome: string }[] = [];
  await verifyLog({
    key,
    read,
    prunedTo: () => null,
    onEntry: (_index, entry) => all.push(JSON.parse(new TextDecoder().decode(entry)) as never),
  });
  // Those that `published` appends are of no time.
  return all.filter(({ at }) => at > 0);
}

function verified(kept?: string): ReturnType<typeof verifyLog> {
  return verifyLog({
    key,
    read,
    ...(kept === undefined ? {} : { kept }),
    prunedTo: (entry) => prunedTo(new TextDecoder().decode(entry)),
  });
}
