import type { Peripheral, Wire } from "./wire.ts";

/** AIM identifiers (ISO/IEC 15424) of what a store's scanner meets. */
export const SYMBOLOGY = { ean13: "]E0", ean8: "]E4", gs1DataMatrix: "]d2", gs1DataBar: "]e0", qr: "]Q3" } as const;

/** What phones' codes begin with (workers/identity/pairing-code.ts). */
const PAIRING_PREFIX = "cartwright:pair:1:";

/** The barcode scanner: one line a code. It hears nothing. */
export class ScannerSimulator implements Peripheral {
  #wire: Wire | null = null;

  start(wire: Wire): void {
    this.#wire = wire;
  }

  receive(): void {}

  scan(code: string, symbology: string = symbologyOf(code)): void {
    this.#wire?.write(Buffer.from(`${symbology}${code}\r`, "latin1"));
  }

  /** The code that a person's phone shows. */
  scanPhone(pairingCode: string): void {
    this.scan(PAIRING_PREFIX + pairingCode, SYMBOLOGY.qr);
  }

  /** Bytes as a scanner with a fault would write them. */
  raw(bytes: Uint8Array | string): void {
    this.#wire?.write(bytes);
  }
}

function symbologyOf(code: string): string {
  if (/^\d{8}$/.test(code)) return SYMBOLOGY.ean8;
  if (/^\d{12,13}$/.test(code)) return SYMBOLOGY.ean13;
  if (/^\d+$/.test(code)) return SYMBOLOGY.gs1DataBar;
  return /^https?:/.test(code) ? SYMBOLOGY.qr : SYMBOLOGY.gs1DataMatrix;
}
