import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CompactEncrypt, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import { FORWARDER_HEADER, JOSE_MEDIA_TYPE, type PaymentAnswer } from "../../../protocol/pay/contract.ts";
import {
  envelopeKey,
  openAnswer,
  sealRequest,
  type OpenedAnswer,
  type OpeningKeys,
  type SealingKeys,
} from "../../../protocol/pay/envelope.ts";
import {
  KEY_ORDER_MEDIA_TYPE,
  KEY_ORDER_PATH,
  countersignKeyOrder,
  signKeyOrder,
  type KeyCommand,
  type KeyStatus,
} from "../../../protocol/pay/key-order.ts";
import type { Custodian } from "../../../protocol/pay/key-shares.ts";
import { makeLogKeys, type LogKeys } from "../../../tools/platform/log-keys.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { httpDoor, type HttpDoor } from "../../../tools/terminal/http-door.ts";
import { ReaderVendor } from "../../../tools/terminal/reader-vendor.ts";
import { Terminal } from "../../../tools/terminal/terminal.ts";

export const STORE = "eu-demo";
const PROCESSOR_KEY = "processor-key-of-a-test";

const CHARGE = {
  session: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a",
  store: STORE,
  terminal: "online",
  amount_minor: 1_250,
  currency: "EUR",
  reference: null,
};

export interface CdeKeys {
  readonly secrets: Record<string, string>;
  /** The four keys of the forwarder, by the names of its secrets. */
  readonly forwarder: Record<string, string>;
  readonly readerVendor: JWK;
  /** Who reads and witnesses the access log. */
  readonly logs: LogKeys;
  readonly custodians: Readonly<Record<Custodian, CryptoKey>>;
}

async function pair(alg: "ES256" | "ECDH-ES"): Promise<{ own: string; open: string }> {
  const keys = await generateKeyPair(alg, { extractable: true, crv: "P-256" });
  return {
    own: JSON.stringify({ ...(await exportJWK(keys.privateKey)), kid: "k1" }),
    open: JSON.stringify({ ...(await exportJWK(keys.publicKey)), kid: "k1" }),
  };
}

const random32 = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");

export async function cdeKeys(): Promise<CdeKeys> {
  const logs = await makeLogKeys("eu");
  const [cdeSigns, cdeReads, forwarderSigns, forwarderReads, reader, custodianA, custodianB] = await Promise.all([
    pair("ES256"),
    pair("ECDH-ES"),
    pair("ES256"),
    pair("ECDH-ES"),
    pair("ES256"),
    pair("ES256"),
    pair("ES256"),
  ]);
  return {
    secrets: {
      KEK_SHARE_A: random32(),
      KEK_SHARE_B: random32(),
      FINGERPRINT_KEY: random32(),
      CDE_DECRYPTION_JWK: cdeReads.own,
      CDE_SIGNING_JWK: cdeSigns.own,
      FORWARDER_VERIFICATION_JWK: forwarderSigns.open,
      FORWARDER_ENCRYPTION_JWK: forwarderReads.open,
      READER_VENDOR_JWK: reader.open,
      CUSTODIAN_A_JWK: custodianA.open,
      CUSTODIAN_B_JWK: custodianB.open,
      ACCESS_LOG_SIGNING_JWK: logs.secrets["ACCESS_LOG_SIGNING_JWK"] ?? "",
      ACCESS_LOG_WITNESS_KEYS: logs.secrets["ACCESS_LOG_WITNESS_KEYS"] ?? "",
      AUDITOR_JWK: logs.secrets["AUDITOR_JWK"] ?? "",
      PROCESSOR_KEY,
    },
    logs: logs.logKeys,
    forwarder: {
      FORWARDER_SIGNING_JWK: forwarderSigns.own,
      FORWARDER_DECRYPTION_JWK: forwarderReads.own,
      CDE_ENCRYPTION_JWK: cdeReads.open,
      CDE_VERIFICATION_JWK: cdeSigns.open,
    },
    readerVendor: JSON.parse(reader.own) as JWK,
    custodians: { A: await envelopeKey(custodianA.own, "ES256"), B: await envelopeKey(custodianB.own, "ES256") },
  };
}

/** The CDE on workerd with the simulated acquirer behind it and both sides' doors on 127.0.0.1. */
export class CdeUnderTest {
  readonly keys: CdeKeys;
  readonly acquirer: RoomUnderTest;
  readonly acquirerDoor: HttpDoor;
  readonly state: string;
  readonly acquirerState: string;
  /** Every line that the CDE has logged. */
  readonly logged: string[];
  /** Done before each call reaches the acquirer: what happens while the CDE waits for it. */
  beforeAcquirer: ((path: string) => Promise<void>) | undefined;
  cde: RoomUnderTest;
  readonly door: HttpDoor;
  readonly #forwarder: SealingKeys & OpeningKeys;

  private constructor(parts: {
    keys: CdeKeys;
    acquirer: RoomUnderTest;
    acquirerDoor: HttpDoor;
    state: string;
    acquirerState: string;
    logged: string[];
    cde: RoomUnderTest;
    door: HttpDoor;
    forwarder: SealingKeys & OpeningKeys;
  }) {
    this.keys = parts.keys;
    this.acquirer = parts.acquirer;
    this.acquirerDoor = parts.acquirerDoor;
    this.state = parts.state;
    this.acquirerState = parts.acquirerState;
    this.logged = parts.logged;
    this.cde = parts.cde;
    this.door = parts.door;
    this.#forwarder = parts.forwarder;
  }

  static async start(): Promise<CdeUnderTest> {
    const keys = await cdeKeys();
    const acquirerState = mkdtempSync(join(tmpdir(), "cartwright-acquirer-"));
    const acquirer = await startRoom("processor", { secrets: { PROCESSOR_KEY }, state: acquirerState });
    const here: { under?: CdeUnderTest } = {};
    const acquirerDoor = await httpDoor(async (path, init) => {
      await here.under?.beforeAcquirer?.(path);
      return acquirer.fetch(path, init);
    });
    const state = mkdtempSync(join(tmpdir(), "cartwright-vault-"));
    const door = await httpDoor((path, init) => {
      if (here.under === undefined) throw new Error("not started");
      return here.under.cde.fetch(path, init);
    });
    const { forwarder: jwks } = keys;
    const forwarder = {
      sign: await envelopeKey(jwks["FORWARDER_SIGNING_JWK"] ?? "", "ES256"),
      decrypt: await envelopeKey(jwks["FORWARDER_DECRYPTION_JWK"] ?? "", "ECDH-ES"),
      encrypt: await envelopeKey(jwks["CDE_ENCRYPTION_JWK"] ?? "", "ECDH-ES"),
      verify: await envelopeKey(jwks["CDE_VERIFICATION_JWK"] ?? "", "ES256"),
    };
    const vars = { PAY_ORIGIN: door.origin, PROCESSOR_ORIGIN: acquirerDoor.origin };
    const logged: string[] = [];
    const onLog = (line: string) => logged.push(line);
    const cde = await startRoom("cde", { secrets: keys.secrets, vars, state, onLog });
    here.under = new CdeUnderTest({ keys, acquirer, acquirerDoor, state, acquirerState, logged, cde, door, forwarder });
    return here.under;
  }

  /** The CDE's process ends and comes back on the same state. */
  async restart(): Promise<void> {
    await this.cde.stop();
    await this.startAgain();
  }

  async startAgain(): Promise<void> {
    const vars = { PAY_ORIGIN: this.door.origin, PROCESSOR_ORIGIN: this.acquirerDoor.origin };
    const onLog = (line: string) => this.logged.push(line);
    this.cde = await startRoom("cde", { secrets: this.keys.secrets, vars, state: this.state, onLog });
  }

  async stop(): Promise<void> {
    await this.door.close();
    await this.acquirerDoor.close();
    await this.cde.stop();
    await this.acquirer.stop();
    rmSync(this.state, { recursive: true, force: true });
    rmSync(this.acquirerState, { recursive: true, force: true });
  }

  terminal(terminal = "T-1", timeoutMs = 1_000): Terminal {
    return new Terminal({
      processorOrigin: this.acquirerDoor.origin,
      key: PROCESSOR_KEY,
      terminal,
      store: STORE,
      timeoutMs,
    });
  }

  get reader(): ReaderVendor {
    return new ReaderVendor({ payOrigin: this.door.origin, clientKey: this.keys.readerVendor });
  }

  /** What the acquirer's own books say of a hand-off. */
  async books(handoff: string): Promise<AcquirerView[]> {
    const response = await this.acquirer.fetch(`/v1/payments?handoff=${handoff}`, {
      headers: { authorization: `Bearer ${PROCESSOR_KEY}` },
    });
    return ((await response.json()) as { payments: AcquirerView[] }).payments;
  }

  async arm(handoff: string, on: string, behaviour: string): Promise<void> {
    const response = await this.acquirer.fetch("/v1/behaviours", {
      method: "POST",
      headers: { authorization: `Bearer ${PROCESSOR_KEY}` },
      body: JSON.stringify({ handoff, on, behaviour }),
    });
    if (response.status !== 201) throw new Error(`not armed: ${response.status}`);
  }

  /** A POST sealed as the forwarder seals it; `change` spoils what is sent. */
  async seal(path: string, idempotencyKey: string | null, body: unknown, jti: string = crypto.randomUUID()) {
    const call = { method: "POST", path, idempotencyKey } as const;
    return { jti, sealed: await sealRequest(this.#forwarder, call, body, jti, Date.now()) };
  }

  postSealed(path: string, idempotencyKey: string | null, sealed: string): Promise<Response> {
    return this.cde.fetch(path, {
      method: "POST",
      headers: {
        "content-type": JOSE_MEDIA_TYPE,
        ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
      },
      body: sealed,
    });
  }

  async post<T>(path: string, idempotencyKey: string | null, body: unknown): Promise<Reply<T>> {
    const { jti, sealed } = await this.seal(path, idempotencyKey, body);
    return this.#open<T>(await this.postSealed(path, idempotencyKey, sealed), jti);
  }

  async get<T>(path: string): Promise<Reply<T>> {
    const jti = crypto.randomUUID();
    const call = { method: "GET", path, idempotencyKey: null } as const;
    const sealed = await sealRequest(this.#forwarder, call, null, jti, Date.now());
    return this.#open<T>(await this.cde.fetch(path, { headers: { [FORWARDER_HEADER]: sealed } }), jti);
  }

  async #open<T>(response: Response, jti: string): Promise<Reply<T>> {
    const opened = await openAnswer(this.#forwarder, await response.text(), jti, Date.now());
    if (!opened.ok) throw new Error(`the answer does not open: ${opened.reason}, status ${response.status}`);
    const answer: OpenedAnswer = opened.value;
    return { status: answer.status, body: answer.body as Reply<T>["body"] };
  }

  /** Posts to the tokenize path with a client assertion of the reader vendor. */
  async tokenize(body: unknown, idempotencyKey: string | null, assertion?: string): Promise<Response> {
    return this.cde.fetch("/v1/payments/tokenize", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${assertion ?? (await this.reader.assertion())}`,
        ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
      },
      body: JSON.stringify(body),
    });
  }

  /** Posts as the card form will: a JWE to the published key, no client authentication. */
  async tokenizeByForm(body: unknown, idempotencyKey: string): Promise<Response> {
    const jwks = (await (await this.cde.fetch("/v1/jwks.json")).json()) as { keys: JWK[] };
    const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(body)))
      .setProtectedHeader({ alg: "ECDH-ES", enc: "A256GCM" })
      .encrypt(await importJWK(jwks.keys[0] ?? {}, "ECDH-ES"));
    return this.cde.fetch("/v1/payments/tokenize", {
      method: "POST",
      headers: { "content-type": JOSE_MEDIA_TYPE, "idempotency-key": idempotencyKey },
      body: sealed,
    });
  }

  /** A token of the reader vendor's, by default for payments. */
  async token(card: object, idempotencyKey: string = crypto.randomUUID()): Promise<string> {
    const response = await this.tokenize(card, idempotencyKey);
    if (response.status !== 201) throw new Error(`no token: ${response.status}`);
    return ((await response.json()) as { token: string }).token;
  }

  /** Charges a card on file; `change` is of the request. */
  charge(handoff: string, token: string, change: object = {}): Promise<Reply<PaymentAnswer>> {
    return this.post("/v1/authorizations", handoff, { ...CHARGE, handoff, token, ...change });
  }

  /** As the CDE answers it, sealed or not. */
  async chargeRaw(handoff: string, token: string): Promise<Response> {
    const body = { ...CHARGE, handoff, token };
    return this.postSealed(
      "/v1/authorizations",
      handoff,
      (await this.seal("/v1/authorizations", handoff, body)).sealed,
    );
  }

  /** An order of the custodians, by default signed by both. */
  async order(command: KeyCommand, cell = "eu", signers: readonly Custodian[] = ["A", "B"]): Promise<Reply<KeyStatus>> {
    const [first = "A", ...others] = signers;
    const { custodians } = this.keys;
    let order = await signKeyOrder(command, cell, { custodian: first, key: custodians[first] }, Date.now());
    for (const custodian of others) order = await countersignKeyOrder(order, { custodian, key: custodians[custodian] });
    return this.postOrder(order);
  }

  async postOrder(order: unknown): Promise<Reply<KeyStatus>> {
    const response = await this.cde.fetch(KEY_ORDER_PATH, {
      method: "POST",
      headers: { "content-type": KEY_ORDER_MEDIA_TYPE },
      body: JSON.stringify(order),
    });
    return { status: response.status, body: (await response.json()) as Reply<KeyStatus>["body"] };
  }

  /** Every byte that the stopped CDE left on disk. */
  bytesOnDisk(): string {
    return bytesBelow(this.state);
  }

  /** Runs a statement on the vault's database, as somebody with access to it could. */
  async tamper(query: string): Promise<void> {
    const database = await this.cde.miniflare.getD1Database("VAULT", this.cde.worker);
    await database.prepare(query).run();
  }

  /** Every byte that the acquirer has on disk so far. */
  acquirerBytes(): string {
    return bytesBelow(this.acquirerState);
  }

  async rows(query: string): Promise<Record<string, unknown>[]> {
    const database = await this.cde.miniflare.getD1Database("VAULT", this.cde.worker);
    return (await database.prepare(query).all()).results as Record<string, unknown>[];
  }
}

function bytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, "latin1"))
    .join("\n");
}

export interface Reply<T> {
  readonly status: number;
  readonly body: T & { readonly code?: string };
}

export interface AcquirerView {
  readonly reference: string;
  readonly state: string;
  readonly captures: number;
  readonly captured_minor: number;
  readonly refunded_minor: number;
}
