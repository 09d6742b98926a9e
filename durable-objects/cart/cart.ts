import { DurableObject } from "cloudflare:workers";
import { fromBase64 as parseBase64, toBase64 } from "../../protocol/bytes.ts";
import { encodeAnswer } from "../../protocol/cart/codec.ts";
import type { EatClaims, TelemetryBody } from "../../protocol/cart/messages.ts";
import type { CartSerial, SessionId, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import type { StoreAttestation } from "../../protocol/rooms/fleet.ts";
import type { CartObject, Signed, WireAnswer } from "../../protocol/rooms/sessions.ts";
import type { Tier1Event } from "../../protocol/rooms/telemetry.ts";
import { checkEnv, sessionObject, type Env } from "../env.ts";
import { Serially } from "../serially.ts";
import {
  HELLO_NONCE_MS,
  heldNonce,
  mayOpen,
  NEW_CART,
  spendNonce,
  telemetryPlace,
  withCarriedNonce,
  withEnded,
  withHelloNonce,
  type Standing,
} from "./standing.ts";

/**
 * One cart: its nonces, its store attestation, its open session, its quarantine, in one row. Methods that only touch
 * that row run in one go; opening a session asks other objects, so openings take turns and read the row again after.
 */
export class Cart extends DurableObject<Env> implements CartObject {
  readonly #turns = new Serially();
  #cached: Standing | null = null;
  #written = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, checkEnv(env));
  }

  async hello(_serial: CartSerial): Promise<{ readonly nonce: Uint8Array }> {
    const nonce = random16();
    this.#write(withHelloNonce(this.#standing(), nonce, Date.now()));
    return { nonce };
  }

  async spend(
    signed: Signed<{ readonly eat: EatClaims }>,
  ): Promise<Result<{ readonly answered: Uint8Array | null }, "attestation" | "cart_quarantined">> {
    const digest = await digestOf(signed.frame);
    const standing = this.#standing();
    if (standing.attested?.digest === digest) return ok({ answered: fromBase64(standing.attested.answer) });
    if (standing.quarantine !== null) return fail("cart_quarantined");
    // The frame spent its nonce before, and its answer was not kept: a crash came between, or another try is under way.
    const now = Date.now();
    if (standing.spentBy?.digest === digest && now < standing.spentBy.until) return ok({ answered: null });
    const spent = spendNonce(standing, signed.envelope.body.eat.nonce, now);
    if (!spent.ok) return spent;
    this.#write({ ...spent.value, spentBy: { digest, until: now + HELLO_NONCE_MS } });
    return ok({ answered: null });
  }

  async attested(
    signed: Signed<{ readonly eat: EatClaims }>,
    store: StoreId,
    attestation: StoreAttestation,
  ): Promise<{ readonly body: Uint8Array }> {
    const digest = await digestOf(signed.frame);
    const first = this.#standing().attested;
    if (first?.digest === digest) return { body: fromBase64(first.answer) };
    const nonce = random16();
    const body = encodeAnswer("attestation", { statement: attestation.statement, cellKey: attestation.cellKey, nonce });
    const standing = withCarriedNonce(this.#standing(), nonce, Date.now());
    this.#write({
      ...standing,
      attestation: { store, expires: attestation.expires },
      attested: { digest, answer: toBase64(body) },
    });
    return { body };
  }

  open(signed: Signed<{ readonly eat: EatClaims }>, store: StoreId): Promise<WireAnswer> {
    return this.#turns.run(() => this.#open(signed, store));
  }

  async #open(signed: Signed<{ readonly eat: EatClaims }>, store: StoreId): Promise<WireAnswer> {
    const digest = await digestOf(signed.frame);
    const { eat } = signed.envelope.body;
    const repeat = this.#standing().opened;
    if (repeat?.digest === digest) return { ok: true, status: 201, body: fromBase64(repeat.answer) };
    const may = mayOpen(this.#standing(), store, Date.now());
    if (!may.ok) return { ok: false, error: { code: may.reason } };
    if (!spendNonce(this.#standing(), eat.nonce, Date.now()).ok) return { ok: false, error: { code: "attestation" } };

    const before = this.#standing().session;
    if (before !== null) {
      const left = await sessionObject(this.env, before).abandon();
      if (!left.ok) return { ok: false, error: { code: "state" } };
    }
    const session = crypto.randomUUID() as SessionId;
    const opened = await sessionObject(this.env, session).open({
      session,
      cart: signed.cart,
      store,
      frame: signed.frame,
      boot: signed.envelope.boot,
      firmware: eat.version,
    });
    if (!opened.ok) return { ok: false, error: { code: opened.reason } };

    // Others may have spoken while the session opened: the row is read again, and the nonce must still be good.
    const spent = spendNonce(this.#standing(), eat.nonce, Date.now());
    if (!spent.ok) return { ok: false, error: { code: "attestation" } };
    const nonce = random16();
    const { leaseSeconds, settings, openedAt } = opened.value;
    const body = encodeAnswer("open", { session, leaseSeconds, settings, nonce, time: openedAt });
    const ended = before === null ? spent.value : withEnded(spent.value, before);
    this.#write({ ...withCarriedNonce(ended, nonce, Date.now()), session, opened: { digest, answer: toBase64(body) } });
    return { ok: true, status: 201, body };
  }

  /** Delivered before it is answered: nothing is kept here but the last number. */
  async telemetry(signed: Signed<TelemetryBody>, store: StoreId | null): Promise<WireAnswer> {
    const { boot, seq, body } = signed.envelope;
    if (store === null) return { ok: false, error: { code: "wrong_store" } };
    const place = telemetryPlace(this.#standing(), boot, seq);
    if (place.place === "gap") return { ok: false, error: { code: "seq", expected: place.expected } };
    if (place.place === "next") {
      const at = Date.now();
      const events: Tier1Event[] = body.events.map((event) =>
        event.kind === "health"
          ? { kind: "health", at, batteryPercent: event.batteryPercent, rssiDbm: event.rssiDbm }
          : { kind: "fault", at, code: event.code, detail: event.detail },
      );
      const delivered = await this.env.TELEMETRY.deliver({
        store,
        cart: signed.cart,
        session: null,
        key: `${signed.cart}-${boot}-${seq}`,
        events,
      });
      if (!delivered.ok) return { ok: false, error: { code: "unavailable" } };
      if (telemetryPlace(this.#standing(), boot, seq).place === "next")
        this.#write({ ...this.#standing(), telemetry: { boot, seq } });
    }
    return { ok: true, status: 200, body: encodeAnswer("telemetry", { seq }) };
  }

  async whyNoSession(session: SessionId): Promise<"session_over" | "no_session"> {
    return this.#standing().ended.includes(session) ? "session_over" : "no_session";
  }

  async sessionEnded(session: SessionId): Promise<{ readonly nonce: Uint8Array }> {
    const standing = this.#standing();
    const held = heldNonce(standing, session);
    if (held !== null) return { nonce: nonceOf(held) };
    const nonce = random16();
    this.#write(withCarriedNonce(withEnded(standing, session), nonce, Date.now()));
    return { nonce };
  }

  async quarantine(session: SessionId, boot: number, seq: number): Promise<void> {
    const standing = this.#standing();
    if (standing.quarantine === null) this.#write({ ...standing, quarantine: { session, boot, seq } });
  }

  async release(staff: string): Promise<Result<undefined, "unavailable">> {
    const { session, quarantine } = this.#standing();
    if (session !== null && quarantine !== null) await sessionObject(this.env, session).releaseFromQuarantine(staff);
    this.#write({ ...this.#standing(), quarantine: null });
    return ok();
  }

  /** Rows written since this object woke. */
  meter(): { readonly written: number } {
    return { written: this.#written };
  }

  /** Reading an object that was never written creates nothing. */
  #standing(): Standing {
    if (this.#cached !== null) return this.#cached;
    const { sql } = this.ctx.storage;
    const there = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'cart'").toArray().length > 0;
    const row = there
      ? sql.exec<{ standing: string }>("SELECT standing FROM cart WHERE id = 1").toArray()[0]
      : undefined;
    this.#cached = row === undefined ? NEW_CART : { ...NEW_CART, ...(JSON.parse(row.standing) as Standing) };
    return this.#cached;
  }

  #write(standing: Standing): void {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE IF NOT EXISTS cart (id INTEGER PRIMARY KEY, standing TEXT NOT NULL)");
    const cursor = sql.exec(
      "INSERT INTO cart (id, standing) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET standing = excluded.standing",
      JSON.stringify(standing),
    );
    this.#written += cursor.rowsWritten;
    this.#cached = standing;
  }
}

function random16(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(16));
}

async function digestOf(frame: Uint8Array): Promise<string> {
  return toBase64(new Uint8Array(await crypto.subtle.digest("SHA-256", frame as BufferSource)));
}

/** What this object wrote itself. @throws Error when it is not that any more */
function fromBase64(text: string): Uint8Array {
  const bytes = parseBase64(text);
  if (!bytes.ok) throw new Error("a stored answer is no base64");
  return bytes.value;
}

function nonceOf(hexText: string): Uint8Array {
  return Uint8Array.from(hexText.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
