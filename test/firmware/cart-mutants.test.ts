import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FIRMWARE } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";
import { ROOT } from "../../tools/platform/root.ts";

const missing = ensureToolchain();

const SOURCES = ["core/[a-q]*.c", "core/s[!c]*.c", "core/utf8.c", "port/host/flash.c", "test/unit/_{world*,vectors}.c"];
const FLAGS = [
  "-std=c11",
  "-O1",
  "-D_GNU_SOURCE",
  `-DCARTWRIGHT_ROOT="${ROOT}"`,
  ...["", "core", "hal", "port/host", "test", "test/unit"].map((at) => `-I${join(FIRMWARE, at)}`),
];

type Program = readonly [source: string, ...args: string[]];
/** A mistake that somebody could make: what it is, where, and which text it replaces by which. */
type Mutant = readonly [what: string, file: string, from: string, to: string];

/** Seconds of processor time: a program of these takes one; what a mistake keeps from ending is ended after so many. */
const ENDLESS = 20;
const LIMITED = `ulimit -t ${ENDLESS} && exec "$0" "$@"`;
/** What power cuts can't bring about, the journal's own tests do; every 37th byte is cut at here. */
const CUTS: readonly Program[] = [["test/unit/test_journal.c"], ["test/powercut/journal_cuts.c", "37"]];
const JOURNAL: readonly Mutant[] = [
  [
    "a header without a CRC is believed",
    "core/journal_layout.c",
    "return is_whole && is_ours && is_here;",
    "return is_ours && is_here;",
  ],
  [
    "a record's header without a CRC is believed",
    "core/journal_layout.c",
    "return get32(head + RECORD_CRC_AT) == crc32c(0, head, RECORD_CRC_AT);",
    "return record->type != 0xFFu && record->type != 0u;",
  ],
  [
    "a payload is not checked",
    "core/journal.c",
    "return crc32c(0, payload, record->size) == record->crc;",
    "return true;",
  ],
  [
    "records are appended behind a torn tail",
    "core/journal_mount.c",
    "if (!layout_is_blank(j->flash, j->head, j->at)) {",
    "if (false) {",
  ],
  [
    "a new sector forgets the cursor",
    "core/journal.c",
    ".acknowledged = j->acknowledged, .count = j->count};",
    ".acknowledged = 0, .count = j->count};",
  ],
  [
    "a new sector forgets the count",
    "core/journal.c",
    ".acknowledged = j->acknowledged, .count = j->count};",
    ".acknowledged = j->acknowledged, .count = 0};",
  ],
  ["a sector is given up with what waits in it", "core/journal.c", "if (is_waiting(j, &record)) {", "if (false) {"],
  [
    "numbers are used twice",
    "core/journal_mount.c",
    "j->next_id = greater(newest, j->acknowledged) + 1u;",
    "j->next_id = newest + 1u;",
  ],
  [
    "a sector is written without an erase",
    "core/journal_layout.c",
    "if (flash->erase(flash->context, base) != 0) {",
    "if (false) {",
  ],
  ["only the newest sector is read", "core/journal_mount.c", "      j->tail = sector.epoch;", "      ;"],
  [
    "what is acknowledged comes back",
    "core/journal.c",
    "record->id > j->acknowledged;",
    "record->id + 1u > j->acknowledged;",
  ],
];

const DAYS: readonly Program[] = [
  ["test/unit/test_cart_offline.c"],
  ["test/unit/test_cart_refusals.c"],
  ["test/unit/test_cart_power.c"],
  ["test/unit/test_cart_outside.c"],
  ["test/unit/test_cart_full.c"],
  ["test/unit/test_cart_person.c"],
  ["test/unit/test_cart_unanswered.c"],
  ["test/unit/test_cart_pay.c"],
  ["test/unit/test_cart_store.c"],
  ["test/unit/test_cart_table.c"],
  ["test/unit/test_cart_random.c"],
];
const CART: readonly Mutant[] = [
  ["a power loss forgets what a number was bound to", "core/cart_fold.c", "    cart->trip.bound = bound;", "    ;"],
  ["a number is kept after a refusal", "core/cart_batch.c", "    cart->trip.next_seq = expected;", "    ;"],
  ["a rotten batch is told twice", "core/cart_batch.c", "flight->doubtful && expected > flight->seq", "false"],
  ["a person's number is left open", "core/cart_person.c", "cart->flight.was_sent && !cart->identity.polls;", "false;"],
  ["an unlink is taken for a poll", "core/cart_person.c", "if (!is_poll(cart)) {", "if (!cart->identity.polls) {"],
  [
    "nothing is let go of while more waits",
    "core/cart_trip.c",
    "sum_up(cart, cart->trip.batches >= BATCHES_MOST)",
    "sum_up(cart, false)",
  ],
  [
    "a token outlives its minute",
    "core/cart_person.c",
    "if (secret_expire(&cart->identity.text, cart->now_ms)) {",
    "if (false) {",
  ],
  [
    "a trip begins without a store",
    "core/cart_table.c",
    "{CART_READY, CART_SIG_WANTED, CART_ATTESTED,",
    "{CART_READY, CART_SIG_WANTED, CART_ALWAYS,",
  ],
  [
    "an attestation never ends",
    "core/cart_step.c",
    "cart->evidence.attested && cart->now_ms < cart->evidence.attested_until_ms",
    "cart->evidence.attested",
  ],
  [
    "a statement is not verified",
    "core/cart_store.c",
    "if (verify(cart, &answer, &attestation) != FW_OK) {",
    "if (verify(cart, &answer, &attestation) == FW_ERR_ARGUMENT) {",
  ],
  [
    "the terminal is told before the journal",
    "core/cart_pay.c",
    "    cart->due.trip = true;\n  }\n  return true;",
    "    cart_pay_ordered(cart);\n  }\n  return true;",
  ],
  [
    "a terminal's word is a payment",
    "core/cart_pay.c",
    "  ask_platform(cart, event->payment.reference);",
    "  if (event->payment.outcome == CART_TERMINAL_APPROVED) {\n    cart_raise(cart, CART_SIG_PAID);\n    return;\n  }\n  ask_platform(cart, event->payment.reference);",
  ],
  [
    "an unknown payment may be made again",
    "core/cart_pay.c",
    "} else if (answer.outcome == MSG_DECLINED) {",
    "} else if (answer.outcome != MSG_PAYMENT_PENDING) {",
  ],
];

describe.skipIf(missing !== null)(`a mistake in the cart${missing === null ? "" : `: ${missing}`}`, () => {
  let folder: string;
  const objects = new Map<string, string>();

  const compile = (source: string, object: string): void => {
    const { status, stderr } = spawnSync("gcc", [...FLAGS, "-c", source, "-o", object], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${source}: ${stderr}`);
  };
  /** Whether a program fails, or does not end, with this object in place of its own. */
  const isNoticed = (programs: readonly Program[], changed: readonly [file: string, object: string] | null): boolean =>
    programs.some(([source, ...args]) => {
      const linked = new Map([...objects].filter(([name]) => !name.startsWith("test/") || name.includes("/_")));
      if (changed !== null) linked.set(...changed);
      const program = join(folder, "program");
      const files = [objects.get(source) ?? "", ...linked.values()];
      const built = spawnSync("gcc", [...files, "-o", program], { encoding: "utf8" });
      if (built.status !== 0) throw new Error(built.stderr);
      return spawnSync("sh", ["-c", LIMITED, program, ...args]).status !== 0;
    });
  const notices = (programs: readonly Program[], [, file, from, to]: Mutant): boolean => {
    const text = readFileSync(join(FIRMWARE, file), "utf8");
    expect(text.split(from).length, `${file} has this text once`).toBe(2);
    const source = join(folder, "mutant.c");
    writeFileSync(
      source,
      text.replace(from, () => to),
    );
    compile(source, join(folder, "mutant.o"));
    return isNoticed(programs, [file, join(folder, "mutant.o")]);
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mutants-"));
    const programs = [...CUTS, ...DAYS].map(([each]) => each);
    for (const source of [...globSync(SOURCES, { cwd: FIRMWARE }), ...programs]) {
      const object = join(folder, `${source}.o`);
      mkdirSync(dirname(object), { recursive: true });
      compile(join(FIRMWARE, source), object);
      objects.set(source, object);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is not seen where there is none", () => {
    expect(isNoticed([...CUTS, ...DAYS], null)).toBe(false);
  });

  test.each(JOURNAL.map((mutant) => [mutant[0], mutant] as const))(
    "by which %s is noticed by its tests and power cuts",
    (_, mutant) => {
      expect(notices(CUTS, mutant)).toBe(true);
    },
  );

  test.each(CART.map((mutant) => [mutant[0], mutant] as const))(
    "by which %s is noticed by a day's tests",
    (_, mutant) => {
      expect(notices(DAYS, mutant)).toBe(true);
    },
  );
});
