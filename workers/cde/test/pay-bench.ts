import { envelopeKey, openAnswer, sealRequest, type OpenedAnswer } from "../../../protocol/pay/envelope.ts";
import { JOSE_MEDIA_TYPE, type PaymentAnswer } from "../../../protocol/pay/contract.ts";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { httpDoor } from "../../../tools/terminal/http-door.ts";
import { cdeKeys } from "./cde-under-test.ts";

/** The CDE on workerd with whatever processor its settings name, and the forwarder's side of it. */
export interface PayBench {
  readonly cde: RoomUnderTest;
  /** Where the processor reaches the CDE. */
  readonly origin: string;
  readonly logged: string[];
  post(path: string, key: string, body: object): Promise<OpenedAnswer>;
  authorize(handoff: string, change?: object): Promise<PaymentAnswer>;
  capture(id: string, handoff: string, amount: number): Promise<PaymentAnswer>;
  rows(query: string): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

const CLAIM = {
  session: "0f7a3f1c-9f10-4c55-9a39-5f0c2a346b7a",
  store: "eu-demo",
  terminal: "T-1",
  amount_minor: 4_290,
  currency: "EUR",
  reference: null,
};

/** @param settings secrets and variables beside the keys, given the origin at which the CDE will be reached */
export async function startPayBench(
  settings: (origin: string) => Promise<Record<string, string>> | Record<string, string>,
): Promise<PayBench> {
  const keys = await cdeKeys();
  const here: { cde?: RoomUnderTest } = {};
  const door = await httpDoor((path, init) => {
    if (here.cde === undefined) throw new Error("not started");
    return here.cde.fetch(path, init);
  });
  const { PROCESSOR_KEY: _, ...secrets } = keys.secrets;
  const vars = { PAY_ORIGIN: door.origin, ...(await settings(door.origin)) };
  const logged: string[] = [];
  const cde = await startRoom("cde", { secrets, vars, onLog: (line) => logged.push(line) });
  here.cde = cde;
  const { forwarder } = keys;
  const sealing = {
    sign: await envelopeKey(forwarder["FORWARDER_SIGNING_JWK"] ?? "", "ES256"),
    decrypt: await envelopeKey(forwarder["FORWARDER_DECRYPTION_JWK"] ?? "", "ECDH-ES"),
    encrypt: await envelopeKey(forwarder["CDE_ENCRYPTION_JWK"] ?? "", "ECDH-ES"),
    verify: await envelopeKey(forwarder["CDE_VERIFICATION_JWK"] ?? "", "ES256"),
  };
  const post = async (path: string, key: string, body: object): Promise<OpenedAnswer> => {
    const jti = crypto.randomUUID();
    const sealed = await sealRequest(sealing, { method: "POST", path, idempotencyKey: key }, body, jti, Date.now());
    const headers = { "content-type": JOSE_MEDIA_TYPE, "idempotency-key": key };
    const response = await cde.fetch(path, { method: "POST", headers, body: sealed });
    const opened = await openAnswer(sealing, await response.text(), jti, Date.now());
    if (!opened.ok) throw new Error(`the answer does not open: ${opened.reason}, status ${response.status}`);
    return opened.value;
  };
  return {
    cde,
    origin: door.origin,
    logged,
    post,
    authorize: async (handoff, change = {}) =>
      (await post("/v1/authorizations", handoff, { ...CLAIM, handoff, ...change })).body as PaymentAnswer,
    capture: async (id, handoff, amount) =>
      (await post(`/v1/authorizations/${id}/capture`, `${handoff}:capture`, { amount_minor: amount, currency: "EUR" }))
        .body as PaymentAnswer,
    async rows(query) {
      const database = await cde.miniflare.getD1Database("VAULT", cde.worker);
      return (await database.prepare(query).all()).results as Record<string, unknown>[];
    },
    async stop() {
      await door.close();
      await cde.stop();
    },
  };
}
