import type { Place } from "../../trip/party.ts";
import { ReaderVendor } from "../../terminal/reader-vendor.ts";
import { attempt, type Attempt } from "./attempt.ts";

/** The pay origin may be sent a card number, but keeps none of a request that it refuses, and none in a log. */
export async function tryPay({ keys, origins }: Pick<Place, "keys" | "origins">, pan: string): Promise<Attempt[]> {
  const reader = new ReaderVendor({ payOrigin: origins.pay, clientKey: keys.outside.readerVendorJwk });
  const path = "/v1/payments/tokenize";
  const good = async () => ({
    authorization: `Bearer ${await reader.assertion()}`,
    "content-type": "application/json",
    "idempotency-key": crypto.randomUUID(),
  });
  const send = (
    field: string,
    body: object | string,
    headers: Record<string, string>,
    target = path,
    method = "POST",
  ) =>
    attempt({
      origin: origins.pay,
      route: `${method} ${path}`,
      field,
      path: target,
      method,
      headers,
      ...(method === "GET" ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
  const card = { pan, exp: "12/34", cvv: "123" };
  const { authorization: _, ...anonymous } = await good();
  return [
    await send("no client", card, anonymous),
    await send("an unknown member", { ...card, note: pan }, await good()),
    await send("an expiry that is over", { ...card, exp: "12/20" }, await good()),
    await send("the number as a number", { ...card, pan: Number(pan) }, await good()),
    await send("broken JSON", `{"pan":"${pan}"`, await good()),
    await send("another media type", `pan=${pan}`, {
      ...(await good()),
      "content-type": "application/x-www-form-urlencoded",
    }),
    await send("in clear where a JWE belongs", pan, { ...anonymous, "content-type": "application/jose" }),
    await send("idempotency key", { ...card, exp: "12/20" }, { ...(await good()), "idempotency-key": pan }),
    await send("path", "", {}, `/v1/authorizations/${pan}`, "GET"),
    await send("query", "", {}, `/v1/nowhere?pan=${pan}`, "GET"),
    await send("header", "", { "cwf-request": pan }, `/v1/authorizations/${crypto.randomUUID()}`, "GET"),
  ];
}
