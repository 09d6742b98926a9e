import { expect, it } from "vitest";
import { panFieldOf } from "./json-body.ts";
import { ourFields } from "./schemas.ts";

const random = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");

it("the card form's token and statement are never taken for a card number, whatever is in them", () => {
  const header = Buffer.from('{"alg":"ES256","typ":"cwf-card+jws"}').toString("base64url");
  for (let i = 0; i < 1_000; i++) {
    const iat = 1_795_300_000 + i * 9_973;
    const claims = {
      aud: "identity/eu",
      iat,
      exp: iat + 900,
      token_hash: random(32),
      reference: random(32),
      scheme: "visa",
      last4: String(i).padStart(4, "4"),
      exp_month: (i % 12) + 1,
      exp_year: 2026 + (i % 12),
    };
    const statement = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${random(64)}`;
    const token = random(30).replaceAll(/[-_]/g, "x").slice(0, 24);
    expect(panFieldOf({ token, statement }, ourFields, {})).toBeNull();
  }
});
