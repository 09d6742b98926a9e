import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRMWARE } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const missing = ensureToolchain();

/** The programs that have to notice; the power cuts of the second one are every 7th byte, which is enough for these. */
const PROGRAMS = [
  ["test/unit/test_ota_record.c"],
  ["test/unit/test_boot.c"],
  ["test/unit/test_ota_begin.c"],
  ["test/unit/test_ota.c"],
  ["test/unit/test_ota_resume.c"],
  ["test/unit/test_ota_confirm.c"],
  ["test/powercut/ota_cuts.c", "7"],
] as const;
const SOURCES = [
  "core/{bytes,sha256,status,p256,p256_field,manifest,messages_parts,utf8,crc32c}.c",
  "core/{cbor,cose,ota}_*.c",
  "core/ota.c",
  "boot/*.c",
  "port/host/flash.c",
];
const FLAGS = [
  "-std=c11",
  "-O1",
  "-D_GNU_SOURCE",
  ...["", "core", "hal", "boot", "test"].map((at) => `-I${join(FIRMWARE, at)}`),
];

/** A mistake that somebody could make: what it is, where, and which text it replaces by which. */
const MUTANTS: readonly (readonly [what: string, file: string, from: string, to: string])[] = [
  [
    "believes a record without its CRC",
    "core/ota_record.c",
    "if (get32(from + AT_CRC) != crc32c(0, from, AT_CRC)) {",
    "if (false) {",
  ],
  [
    "writes over a torn record",
    "core/ota_record.c",
    "end = at + (uint32_t)OTA_RECORD_SIZE;\n    ota_record found;",
    "ota_record found;",
  ],
  [
    "erases the sector of the newest record",
    "core/ota_record.c",
    "const uint32_t other = SECTORS - 1u - place->sector;",
    "const uint32_t other = place->sector;",
  ],
  [
    "takes an older record for the newest",
    "core/ota_record.c",
    "if (sequence > place->sequence) {",
    "if (sequence != 0u) {",
  ],
  ["does not read back a record", "core/ota_record.c", "if (memcmp(bytes, back, sizeof bytes) != 0) {", "if (false) {"],
  ["writes a record without leave", "core/ota_record.c", "crc32c(0, to, AT_CRC) ^ doubt", "crc32c(0, to, AT_CRC)"],
  [
    "believes a manifest without its CRC",
    "core/ota_slot.c",
    "if (memcmp(head, tail, sizeof head) != 0) {",
    "if (memcmp(head, tail, 4) != 0) {",
  ],
  [
    "keeps the old manifest while it downloads",
    "core/ota.c",
    "const fw_status status = ota_slot_forget(port, update->slot);",
    "const fw_status status = FW_OK;",
  ],
  [
    "notes progress before it is made",
    "core/ota.c",
    "keep_progress(update, update->written)",
    "keep_progress(update, update->written + OTA_STEP_SIZE)",
  ],
  [
    "resumes on what was programmed",
    "core/ota_begin.c",
    "return is_blank_from(port, update->slot, offset, area->sector) ? offset :",
    "return true ? offset :",
  ],
  [
    "resumes another image's download",
    "core/ota_begin.c",
    "if (memcmp(update->record.download, update->claims.digest, OTA_NAME_SIZE) != 0 || offset",
    "if (offset",
  ],
  [
    "installs what it has not read back",
    "core/ota.c",
    "if (memcmp(digest, update->claims.digest, sizeof digest) != 0) {",
    "if (false) {",
  ],
  [
    "asks for the trial before the manifest is written",
    "core/ota.c",
    "status = ota_slot_seal(port, update->slot, FW_BYTES(update->frame, update->frame_size));",
    "status = FW_OK;",
  ],
  [
    "takes an image that failed here",
    "core/ota_begin.c",
    "if (memcmp(update->claims.digest, update->record.refused, OTA_NAME_SIZE) == 0) {",
    "if (false) {",
  ],
  [
    "does not ask the record for the counter",
    "core/ota_begin.c",
    "update->record.security_counter > running->security_counter",
    "false",
  ],
  ["confirms without evidence", "core/ota_confirm.c", "if (given != OTA_ROUND_TRIP_ACCEPTED) {", "if (false) {"],
  ["does not raise the counter", "core/ota_confirm.c", "record->security_counter = image->security_counter;", ";"],
  [
    "lets the counter fall",
    "core/ota_confirm.c",
    "if (record->security_counter < image->security_counter) {",
    "if (true) {",
  ],
  ["tries for ever", "boot/boot_plan.c", "*count = (uint8_t)(*count + 1u);", ";"],
  [
    "counts power cuts as crashes",
    "boot/boot_plan.c",
    "reason == HAL_RESET_POWER ? &record->trial_power_ons : &record->trial_boots",
    "&record->trial_boots",
  ],
  [
    "begins a trial that it has not counted",
    "boot/boot_run.c",
    "if (ota_record_write(boot->port, record, place) != FW_OK) {\n    return BOOT_NO;",
    "if (ota_record_write(boot->port, record, place) != FW_OK) {\n    ;",
  ],
  [
    "falls back to a refused image",
    "boot/boot_run.c",
    "if (record->trial || memcmp(name, record->refused, OTA_NAME_SIZE) == 0) {",
    "if (record->trial) {",
  ],
  ["does not name what it refused", "boot/boot_plan.c", "memcpy(record->refused, name, OTA_NAME_SIZE);", "(void)name;"],
  [
    "boots an image for other hardware",
    "boot/boot_verify.c",
    "if (admit(boot, slot, least_counter, &claims) != FW_OK) {",
    "if (false) {",
  ],
  [
    "boots a changed image",
    "boot/boot_verify.c",
    "const volatile uint32_t wrong = difference(digest, claims.digest);",
    "const volatile uint32_t wrong = difference(digest, digest);",
  ],
  [
    "boots an unsigned image",
    "boot/boot_verify.c",
    "const volatile uint32_t verdict = manifest_verdict(fw_bytes_written(&frame), boot->keys);",
    "const volatile uint32_t verdict = P256_VALID;",
  ],
];

describe.skipIf(missing !== null)(`a mistake in updates or booting${missing === null ? "" : `: ${missing}`}`, () => {
  let folder: string;
  const objects = new Map<string, string>();

  const compile = (source: string, object: string): void => {
    const { status, stderr } = spawnSync("gcc", [...FLAGS, "-c", source, "-o", object], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${source}: ${stderr}`);
  };
  /** Programs that fail, or that do not end, with these objects in place of their own. */
  const noticed = (changed: ReadonlyMap<string, string>): string[] => {
    const noticing: string[] = [];
    for (const [source, ...args] of PROGRAMS) {
      const program = join(folder, "program");
      // The power cuts have a verification of their own, which is made for speed.
      const linked = [...objects, ...changed].filter(
        ([name, object]) =>
          !(name === "core/p256.c" && source.includes("powercut")) &&
          !name.startsWith("test/") &&
          (changed.get(name) ?? object) === object,
      );
      const files = [objects.get(source) ?? "", ...linked.map(([, object]) => object)];
      const built = spawnSync("gcc", [...files, "-o", program], { encoding: "utf8" });
      if (built.status !== 0) throw new Error(built.stderr);
      if (spawnSync(program, args, { timeout: 60_000 }).status !== 0) {
        noticing.push(basename(source));
        break;
      }
    }
    return noticing;
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mutants-"));
    for (const source of [...globSync(SOURCES, { cwd: FIRMWARE }), ...PROGRAMS.map(([each]) => each)]) {
      const object = join(folder, `${source}.o`);
      mkdirSync(dirname(object), { recursive: true });
      compile(join(FIRMWARE, source), object);
      objects.set(source, object);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is not seen where there is none", () => {
    expect(noticed(new Map())).toEqual([]);
  });

  test.each(MUTANTS)("that %s is noticed", (_, file, from, to) => {
    const text = readFileSync(join(FIRMWARE, file), "utf8");
    expect(text.split(from).length, `${file} has this text once`).toBe(2);
    const source = join(folder, "mutant.c");
    const object = join(folder, "mutant.o");
    writeFileSync(
      source,
      text.replace(from, () => to),
    );
    compile(source, object);
    expect(noticed(new Map([[file, object]]))).not.toEqual([]);
  });
});
