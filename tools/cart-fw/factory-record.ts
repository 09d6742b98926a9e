import { fromHex } from "../../protocol/bytes.ts";
import { encodeCbor, type Bytes, type CborValue } from "../../protocol/cart/cbor.ts";
import { kidOf } from "../../protocol/cart/cose.ts";
import type { CartSerial, Cell } from "../../protocol/ids.ts";

/** What the factory writes into a cart's flash, once. */
export interface FactoryData {
  readonly serial: CartSerial;
  /** DER. */
  readonly certificate: Bytes;
  /** The root's uncompressed point, which the firmware pins. */
  readonly rootPublicKey: Uint8Array;
  readonly cell: Cell;
  /** Name of the api origin, which the modem asks the server to prove. */
  readonly host: string;
  readonly port: number;
  readonly apn: string;
  /** X and Y of the key in the secure element, so that a swapped chip is noticed. */
  readonly point: Uint8Array;
}

const MAGIC = "CWF1";

/** The record of cart-fw/core/cart_factory.h: magic, size, CRC-32C, CBOR. */
export async function factoryRecord(data: FactoryData): Promise<Buffer> {
  const body = encodeCbor(
    new Map<number, CborValue>([
      [1, fromHex(data.serial)],
      [2, await kidOf(data.certificate)],
      [3, data.rootPublicKey],
      [4, data.cell],
      [5, data.host],
      [6, data.port],
      [7, data.apn],
      [8, data.point],
    ]),
  );
  const head = Buffer.alloc(10);
  head.write(MAGIC, "ascii");
  head.writeUInt16LE(body.length, 4);
  head.writeUInt32LE(crc32c(body), 6);
  return Buffer.concat([head, body]);
}

/** CRC-32C (RFC 3720, B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
