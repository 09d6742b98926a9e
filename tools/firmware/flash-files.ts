import { crc32c } from "../cart-fw/factory-record.ts";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** Bytes of each of the emulator's two flash chips; a file of any other length is refused. */
export const CHIP_BYTES = 32 * 1024 * 1024;

/** Where things lie in the emulator's second chip: cart-fw/port/qemu/flash_areas.c, docs/FLASHMAP.md. */
export const FLASH = {
  sector: 0x40000,
  slotA: { at: 0, sectors: 6 },
  slotB: { at: 0x180000, sectors: 6 },
  records: { at: 0x300000, sectors: 2 },
  factory: { at: 0x380000, sectors: 1 },
  journal: { at: 0x400000, sectors: 8 },
} as const;

/** Where the pinned keys lie in the first chip: cart-fw/port/qemu/map.h. */
const KEYS_AT = 0xf000;
const POINT_BYTES = 65;

/** Uncompressed points that the bootloader pins; the next ones only while keys rotate. */
export interface PinnedKeys {
  readonly build: Uint8Array;
  readonly nextBuild?: Uint8Array;
  readonly release: Uint8Array;
  readonly nextRelease?: Uint8Array;
}

export interface Board {
  readonly keys: PinnedKeys;
  readonly hardware: number;
  /** RFC 9711, 4.2.9: 0 enabled to 4 disabled fully and permanently. */
  readonly debug: number;
}

/** The keys' page, as the factory writes it. */
export function keysPage({ keys, hardware, debug }: Board): Buffer {
  const head = Buffer.alloc(8);
  head.write("CWK1", "latin1");
  head.writeUInt16LE(hardware, 4);
  head.writeUInt8(debug, 6);
  const points = [keys.build, keys.nextBuild, keys.release, keys.nextRelease];
  return Buffer.concat([head, ...points.map((point) => Buffer.from(point ?? new Uint8Array(POINT_BYTES)))]);
}

/** The head of a slot's last sector and the manifest: cart-fw/core/ota_slot.h. */
export function sealOf(manifest: Uint8Array): Buffer {
  const head = Buffer.alloc(12);
  head.write("CWM1", "latin1");
  head.writeUInt16LE(manifest.length, 4);
  head.writeUInt32LE(crc32c(manifest), 8);
  return Buffer.concat([head, manifest]);
}

/** A release in a slot. */
export interface Installed {
  readonly image: Uint8Array;
  readonly manifest: Uint8Array;
}

/** What a chip holds by offset; everything else is erased. */
export type Contents = readonly (readonly [at: number, bytes: Uint8Array])[];

export function romContents(bootloader: Uint8Array, board: Board): Contents {
  if (bootloader.length > KEYS_AT) throw new RangeError("the bootloader reaches into the keys' page");
  return [
    [0, bootloader],
    [KEYS_AT, keysPage(board)],
  ];
}

export function slotContents(slot: "slotA" | "slotB", { image, manifest }: Installed): Contents {
  const { at, sectors } = FLASH[slot];
  const last = at + (sectors - 1) * FLASH.sector;
  if (at + image.length > last) throw new RangeError("the image is larger than its slot");
  return [
    [at, image],
    [last, sealOf(manifest)],
  ];
}

/** Writes a chip's file: erased flash, and the contents. */
export function writeChip(file: string, contents: Contents): void {
  const handle = openSync(file, "w", 0o600);
  try {
    const erased = Buffer.alloc(FLASH.sector, 0xff);
    for (let at = 0; at < CHIP_BYTES; at += erased.length) writeSync(handle, erased, 0, erased.length, at);
    for (const [at, bytes] of contents) writeSync(handle, bytes, 0, bytes.length, at);
    ftruncateSync(handle, CHIP_BYTES);
  } finally {
    closeSync(handle);
  }
}
