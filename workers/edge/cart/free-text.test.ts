import { describe, expect, it } from "vitest";
import { encodeCbor, type CborMap } from "../../../protocol/cart/cbor.ts";
import type { CartBodies, CartMessage, Envelope } from "../../../protocol/cart/messages.ts";
import { holdsPan, payloadHoldsPan } from "./free-text.ts";

const PAN = "4111111111111111";
const envelope = <M extends CartMessage>(body: CartBodies[M], time = 1_795_262_400_000): Envelope<CartBodies[M]> => ({
  session: null,
  boot: 1,
  seq: 1,
  time,
  body,
});
const scan = (code: string, at: number | null = null) =>
  envelope<"events">({ events: [{ kind: "scan", code, quantity: 1, at, grams: null }] });

describe("the tripwire at the cart's door", () => {
  it.each([
    ["a GTIN-13", "4006381333931"],
    ["a GTIN-14 of a card's length and shape", "36000000000006"],
    ["an SSCC", "340123450000000000"],
    ["a GS1 element string", "0104006381333931"],
    ["a GS1 Digital Link", "https://id.gs1.org/01/04006381333931/10/ABC123"],
    ["a PLU", "4011"],
  ])("lets %s pass", (_, code) => {
    expect(holdsPan("events", scan(code))).toBe(false);
  });

  it.each([PAN, "4111-1111-1111-1111", `https://id.gs1.org/01/04006381333931/21/${PAN}`, `x${PAN}`])(
    "stops a scanned %s",
    (code) => {
      expect(holdsPan("events", scan(code))).toBe(true);
    },
  );

  it("leaves a loyalty number to the room that knows its format, and nothing else of an identity", () => {
    expect(holdsPan("identity", envelope<"identity">({ kind: "loyalty", value: PAN }))).toBe(false);
    expect(holdsPan("identity", envelope<"identity">({ kind: "pairing", value: PAN }))).toBe(true);
    expect(holdsPan("identity", envelope<"identity">({ kind: "card", value: `AAAA-${PAN}-AA` }))).toBe(true);
    expect(holdsPan("identity", envelope<"identity">({ kind: "unlink" }))).toBe(false);
  });

  it("stops a card number that stands where a time does", () => {
    expect(holdsPan("events", scan("4011", Number(PAN)))).toBe(true);
    expect(holdsPan("close", envelope<"close">({ lastSeq: 1 }, Number(PAN)))).toBe(true);
    expect(holdsPan("close", envelope<"close">({ lastSeq: 1 }, 0))).toBe(false);
  });

  it("finds a card number in the texts of a payload that is no message, at any depth, and calls no code one", () => {
    const payload = (text: string) => {
      const body: CborMap = new Map<number, string | number>([
        [0, 1],
        [1, text],
      ]);
      return encodeCbor(new Map([[5, body]]));
    };
    expect(payloadHoldsPan(payload(PAN))).toBe(true);
    expect(payloadHoldsPan(encodeCbor(new Map([[5, [["a", PAN]]]])))).toBe(true);
    expect(payloadHoldsPan(payload("4006381333931"))).toBe(false);
    expect(payloadHoldsPan(payload(PAN.replace("4", "5")))).toBe(false);
    expect(payloadHoldsPan(new Uint8Array([0xff]))).toBe(false);
  });
});
