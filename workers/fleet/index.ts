import { WorkerEntrypoint } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { hex } from "../../protocol/bytes.ts";
import { parseFrame } from "../../protocol/cart/cose.ts";
import type { EatClaims } from "../../protocol/cart/messages.ts";
import { parseCartSerial, parseKid, parseStoreId } from "../../protocol/ids.ts";
import type { CartSerial, Cell, Kid, StoreId } from "../../protocol/ids.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { requireCaller, type CallerProps } from "../../protocol/rooms/boot.ts";
import type {
  AttestReason,
  AttestationPolicy,
  CartRecord,
  CartRefusal,
  FirmwarePart,
  FirmwareRelease,
  FirmwareRollout,
  FleetForEdge,
  FleetForOps,
  ManifestEntry,
  PublishReason,
  RolloutOrder,
  RolloutReason,
  RolloutState,
  StoreAttestation,
} from "../../protocol/rooms/fleet.ts";
import { assignmentHolds } from "./assignment.ts";
import { addPolicy, assignCart, putBeacon, revokeCart } from "./changes.ts";
import { enrolCart, type EnrolReason } from "./enrolment.ts";
import { checkEnv, type Env } from "./env.ts";
import { decideOffer, placeIn } from "./firmware/offer.ts";
import { putImage, readImage } from "./firmware/images.ts";
import {
  findRelease,
  listReleases,
  listRollouts,
  openRollout,
  publishRelease,
  type FirmwareDesk,
} from "./firmware/releases.ts";
import { changeRollout, startRollout } from "./firmware/rollouts.ts";
import { importLines, type ManifestReport } from "./manifest.ts";
import { proved, withDatabase } from "./outside.ts";
import { refusalAct } from "./refusal.ts";
import { findBeacon, findCart, findPolicy, NO_POLICY, type Database, type RegisteredCart } from "./registry.ts";
import { importStatementKey, type StatementKey } from "./statement-key.ts";
import { attestationClaims, readBeacon, signAttestation } from "./store-attestation.ts";

/** For the cart's door. */
export class ForEdge extends WorkerEntrypoint<Env, CallerProps> implements FleetForEdge {
  async cart(kid: Kid): Promise<Result<CartRecord, "unknown" | "unavailable">> {
    const db = open(this.env, this.ctx.props, "edge");
    checked(parseKid(kid), "kid");
    return withDatabase(async () => {
      const cart = await findCart(db, { kid });
      if (cart === null) return fail("unknown");
      const { serial, publicKey, status, policy } = cart;
      return ok({ serial, kid: cart.kid, publicKey, status, policy, store: await storeOf(this.env, cart, Date.now()) });
    });
  }

  async attestStore(
    serial: CartSerial,
    nonce: Uint8Array,
    eat: EatClaims,
    beaconStatement: Uint8Array,
  ): Promise<Result<StoreAttestation, AttestReason>> {
    const db = open(this.env, this.ctx.props, "edge");
    checked(parseCartSerial(serial), "serial");
    const now = Date.now();
    const frame = parseFrame(beaconStatement);
    if (!frame.ok || eat.serial !== serial || hex(eat.nonce) !== hex(nonce)) return fail("attestation");
    return withDatabase<StoreAttestation, AttestReason>(async () => {
      const cart = await findCart(db, { serial });
      if (cart === null) return fail("attestation");
      if (cart.status === "revoked") return fail("cart_revoked");
      const where = await readBeacon(frame.value, await findBeacon(db, hex(frame.value.kid)), nonce);
      if (!where.ok) return where;
      if (where.value !== (await storeOf(this.env, cart, now))) return fail("wrong_store");
      const claims = attestationClaims(serial, where.value, nonce, now);
      const statement = await signAttestation(claims, await statementKey(this.env));
      return ok({ statement, cellKey: fromBase64(this.env.CELL_KEY_STATEMENT), expires: claims.expires });
    });
  }

  async refused(refusal: CartRefusal): Promise<Result<undefined, "unavailable">> {
    open(this.env, this.ctx.props, "edge");
    return (await proved(this.env.AUDIT, refusalAct(refusal))) ? ok() : fail("unavailable");
  }

  async firmwareFor(eat: EatClaims): Promise<Result<Uint8Array | null, "unavailable">> {
    const db = open(this.env, this.ctx.props, "edge");
    checked(parseCartSerial(eat.serial), "serial");
    return withDatabase<Uint8Array | null, "unavailable">(async () => {
      const digest = hex(eat.digest);
      const running = await findRelease(db, digest);
      const order = running === null ? null : await openRollout(db, running.hardwareRevision);
      const release = order === null ? null : await findRelease(db, order.digest);
      if (running === null || order === null || release === null) return ok(null);
      const cart = await findCart(db, { serial: eat.serial });
      if (cart === null) return ok(null);
      const asking = {
        serial: eat.serial,
        store: await storeOf(this.env, cart, Date.now()),
        digest,
        securityCounter: eat.securityCounter,
      };
      const place = await placeIn(release.digest, eat.serial);
      const decision = decideOffer(asking, running, { order, release }, place);
      return ok(decision === "offered" ? release.manifest : null);
    });
  }

  async firmwareImage(digest: string, range: string | null): Promise<Result<FirmwarePart, "unknown" | "unavailable">> {
    const db = open(this.env, this.ctx.props, "edge");
    checked(parseDigest(digest), "digest");
    const release = await withDatabase<number, "unknown">(async () => {
      const found = await findRelease(db, digest);
      return found === null ? fail("unknown") : ok(found.size);
    });
    return release.ok ? readImage(this.env.FIRMWARE, digest, release.value, range) : release;
  }
}

/** For provisioning by staff, by way of the ops room. */
export class ForOps extends WorkerEntrypoint<Env, CallerProps> implements FleetForOps {
  async importManifest(entries: readonly ManifestEntry[]): Promise<Result<ManifestReport, "unavailable">> {
    const db = open(this.env, this.ctx.props, "ops");
    return withDatabase(() => importLines(db, this.env.AUDIT, entries, Date.now()));
  }

  async enrol(
    csr: Uint8Array,
  ): Promise<
    Result<{ readonly certificate: Uint8Array; readonly chain: readonly Uint8Array[] }, "bad_request" | EnrolReason>
  > {
    const db = open(this.env, this.ctx.props, "ops");
    // The X.509 library is heavy: it loads on this path alone, never for a message of a cart.
    const { importIssuerKey, issueCertificate, readRequest } = await import("./certificate.ts");
    const request = await readRequest(csr);
    if (!request.ok) return request;
    const now = Date.now();
    const intermediate = fromBase64(this.env.INTERMEDIATE_CERTIFICATE);
    const desk = {
      db,
      audit: this.env.AUDIT,
      now,
      issuer: { certificate: intermediate, key: await importIssuerKey(fromBase64(this.env.INTERMEDIATE_KEY_PKCS8)) },
      issue: (...[asked, issuer]: Parameters<Parameters<typeof enrolCart>[0]["issue"]>) =>
        issueCertificate(asked, issuer, now, crypto.getRandomValues(new Uint8Array(16))),
    };
    const enrolled = await withDatabase(() => enrolCart(desk, request.value));
    if (!enrolled.ok) return enrolled;
    return ok({ certificate: enrolled.value, chain: [intermediate, fromBase64(this.env.ROOT_CERTIFICATE)] });
  }

  async assign(
    serial: CartSerial,
    store: StoreId,
    staff: string,
  ): Promise<Result<undefined, "unknown" | "revoked" | "unavailable">> {
    const desk = { db: open(this.env, this.ctx.props, "ops"), audit: this.env.AUDIT, now: Date.now() };
    checked(parseCartSerial(serial), "serial");
    checked(parseStoreId(store), "store");
    checked(parseStaff(staff), "staff");
    const key = await statementKey(this.env);
    return withDatabase(() => assignCart({ ...desk, cell: this.env.CELL as Cell, key }, serial, store, staff));
  }

  async revoke(serial: CartSerial, staff: string): Promise<Result<undefined, "unknown" | "unavailable">> {
    const desk = { db: open(this.env, this.ctx.props, "ops"), audit: this.env.AUDIT, now: Date.now() };
    checked(parseCartSerial(serial), "serial");
    checked(parseStaff(staff), "staff");
    return withDatabase(() => revokeCart(desk, serial, staff));
  }

  async policy(): Promise<Result<AttestationPolicy, "unavailable">> {
    const db = open(this.env, this.ctx.props, "ops");
    return withDatabase(async () => ok((await findPolicy(db)) ?? NO_POLICY));
  }

  async setPolicy(policy: AttestationPolicy, staff: string): Promise<Result<undefined, "invalid" | "unavailable">> {
    const desk = { db: open(this.env, this.ctx.props, "ops"), audit: this.env.AUDIT, now: Date.now() };
    checked(parseStaff(staff), "staff");
    return withDatabase(() => addPolicy(desk, policy, staff));
  }

  async registerBeacon(
    store: StoreId,
    beacon: string,
    publicKey: Uint8Array,
  ): Promise<Result<undefined, "invalid" | "unavailable">> {
    const desk = { db: open(this.env, this.ctx.props, "ops"), audit: this.env.AUDIT, now: Date.now() };
    if (parseStoreId(store) === undefined || !/^[a-z0-9][a-z0-9-]{0,31}$/.test(beacon)) return fail("invalid");
    return withDatabase(() => putBeacon(desk, store, beacon, publicKey));
  }

  async putFirmwareImage(
    digest: string,
    image: Uint8Array,
    staff: string,
  ): Promise<Result<undefined, "image_mismatch" | "unavailable">> {
    open(this.env, this.ctx.props, "ops");
    checked(parseDigest(digest), "digest");
    checked(parseStaff(staff), "staff");
    return putImage(this.env.FIRMWARE, digest, image);
  }

  async publishFirmware(manifest: Uint8Array, staff: string): Promise<Result<FirmwareRelease, PublishReason>> {
    const desk = this.#firmwareDesk(staff);
    return withDatabase(() => publishRelease(desk, manifest, staff));
  }

  async startRollout(order: RolloutOrder, staff: string): Promise<Result<FirmwareRollout, RolloutReason>> {
    const desk = this.#firmwareDesk(staff);
    checked(parseDigest(order.digest), "digest");
    for (const store of order.stores ?? []) checked(parseStoreId(store), "store");
    if (!Number.isInteger(order.percentage) || order.percentage < 1 || order.percentage > 100)
      throw new TypeError("percentage has the wrong form");
    return withDatabase(() => startRollout(desk, order, staff));
  }

  async changeRollout(
    rollout: number,
    state: RolloutState,
    staff: string,
  ): Promise<Result<FirmwareRollout, RolloutReason>> {
    const desk = this.#firmwareDesk(staff);
    return withDatabase(() => changeRollout(desk, rollout, state, staff));
  }

  async listFirmware(): Promise<
    Result<
      { readonly releases: readonly FirmwareRelease[]; readonly rollouts: readonly FirmwareRollout[] },
      "unavailable"
    >
  > {
    const db = open(this.env, this.ctx.props, "ops");
    return withDatabase(async () => ok({ releases: await listReleases(db), rollouts: await listRollouts(db) }));
  }

  #firmwareDesk(staff: string): FirmwareDesk {
    const db = open(this.env, this.ctx.props, "ops");
    checked(parseStaff(staff), "staff");
    const { AUDIT: audit, FIRMWARE: bucket, FIRMWARE_SIGNER_A_POINT: a, FIRMWARE_SIGNER_B_POINT: b } = this.env;
    return { db, audit, bucket, signers: { A: fromBase64(a), B: fromBase64(b) }, now: Date.now() };
  }
}

export default { fetch: () => new Response(null, { status: 404 }) };

function open(env: Env, props: CallerProps, caller: "edge" | "ops"): Database {
  requireCaller(props, caller);
  checkEnv(env);
  return drizzle(env.FLEET);
}

/** The store of the assignment in force; null when there is none, or none that this cell signed. */
async function storeOf(env: Env, { serial, assignment }: RegisteredCart, now: number): Promise<StoreId | null> {
  if (assignment === null) return null;
  const { store, from, statement } = assignment;
  const claims = { cell: env.CELL as Cell, serial, store, from };
  if (await assignmentHolds(statement, claims, await statementKey(env), now)) return store;
  console.error("fleet: an assignment is not signed by this cell's statement key:", serial);
  return null;
}

let imported: { readonly json: string; readonly key: StatementKey } | undefined;

/** Kept for the isolate's life. The key and not its promise: a promise belongs to the request that made it. */
async function statementKey(env: Env): Promise<StatementKey> {
  const json = env.STATEMENT_KEY_JWK;
  if (imported?.json === json) return imported.key;
  const key = await importStatementKey(json);
  imported = { json, key };
  return key;
}

/** @throws TypeError: the other room hands over what it has not checked, which is a bug of that room. */
function checked(parsed: string | undefined, name: string): void {
  if (parsed === undefined) throw new TypeError(`${name} has the wrong form`);
}

function parseDigest(digest: string): string | undefined {
  return /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

function parseStaff(staff: string): string | undefined {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(staff) ? staff : undefined;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
}
