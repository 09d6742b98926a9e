import { describe, expect, it } from "vitest";
import { decodeCbor } from "../../protocol/cart/cbor.ts";
import type { CartSerial } from "../../protocol/ids.ts";
import { crc32c, factoryRecord } from "./factory-record.ts";

describe("a cart's factory record", () => {
  it("has CRC-32C, by its published check value", () => {
    expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  });

  it("holds the serial, the certificate's kid, the root, where to call and the element's key", async () => {
    const record = await factoryRecord({
      serial: "000102030405060708090a0b0c0d0e0f" as CartSerial,
      certificate: Uint8Array.of(1, 2, 3),
      rootPublicKey: new Uint8Array(65).fill(4),
      cell: "eu",
      host: "api.eu.cart.test",
      port: 443,
      apn: "iot.test",
      point: new Uint8Array(64).fill(5),
    });
    expect(record.toString("ascii", 0, 4)).toBe("CWF1");
    const body = record.subarray(10);
    expect(record.readUInt16LE(4)).toBe(body.length);
    expect(record.readUInt32LE(6)).toBe(crc32c(body));
    const read = decodeCbor(body);
    if (!read.ok) throw new Error(read.reason);
    expect([...(read.value as ReadonlyMap<number, unknown>).keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
