import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cellKeys, type CellKeys } from "../platform/keys.ts";
import { startRoom, type RoomUnderTest } from "../platform/room-under-test.ts";
import { ROOT } from "../platform/root.ts";
import { keysFile } from "../platform/state.ts";
import { httpDoor, type HttpDoor } from "../terminal/http-door.ts";
import { ReaderVendor } from "../terminal/reader-vendor.ts";
import { TEST_CARDS } from "../terminal/test-cards.ts";

let state: string;
let keys: CellKeys;
let cde: RoomUnderTest;
let door: HttpDoor;
beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), "cartwright-rotate-"));
  keys = await cellKeys("eu", keysFile("eu", state));
  door = await httpDoor((path, init) => cde.fetch(path, init));
  const vars = { PAY_ORIGIN: door.origin, PROCESSOR_ORIGIN: "http://127.0.0.1:1" };
  cde = await startRoom("cde", { secrets: { ...keys.secrets }, vars });
  const reader = new ReaderVendor({ payOrigin: door.origin, clientKey: keys.outside.readerVendorJwk });
  for (const card of [TEST_CARDS.visa, TEST_CARDS.amex, TEST_CARDS.jcb]) await reader.tap(card, "eu-demo");
});
afterAll(async () => {
  await door.close();
  await cde.stop();
  rmSync(state, { recursive: true, force: true });
});

const rotate = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const command = [join(ROOT, "tools/rotate.ts"), "--cell", "eu", "--origin", door.origin, ...args];
    execFile(process.execPath, command, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
const here = () => ["--state", state];

it("npm run rotate brings in a new key, shows n of m, and destroys the old key only when nothing needs it", async () => {
  const inUse = await rotate(...here(), "--destroy", "1");
  expect(inUse).toMatchObject({ code: 1 });
  expect(inUse.err).toContain("409 key_in_use): 6 rows are still sealed by data key 1");
  const rotated = await rotate(...here());
  expect(rotated).toMatchObject({ code: 0, err: "" });
  expect(rotated.out).toContain("Data key 2 seals what is new.\nre-wrapped 6 of 6\n");
  expect((await rotate(...here(), "--destroy", "1")).out).toContain("data key 1: 0 rows, destroyed");
  expect((await rotate(...here(), "--status")).out).toContain("re-wrapped 6 of 6; security events: 0");
});

it("goes from hand to hand where the custodians are two people", async () => {
  const order = join(state, "order.json");
  const keyOf = (custodian: "A" | "B") => {
    const file = join(state, `${custodian}.json`);
    const jwk = keys.outside.custodianJwks[custodian];
    writeFileSync(file, JSON.stringify({ officer: `Officer of Share ${custodian}`, rehearsal: false, jwk }));
    return ["--as", custodian, "--key", file, "--order", order];
  };
  const first = await rotate(...keyOf("A"));
  expect(first.out).toContain("Signed by custodian A.");
  expect(first.out).not.toContain("seals what is new");
  const forged = await rotate(...keyOf("A"));
  expect(forged).toMatchObject({ code: 1 });
  expect(forged.err).toContain("401 key_order");
  const second = await rotate(...keyOf("B"));
  expect(second.out).toContain("Data key 3 seals what is new.");
  expect(second.out).toContain("re-wrapped 6 of 6");
  expect((await rotate(...keyOf("B"))).err).toContain("401 key_order");
  expect(readFileSync(order, "utf8")).not.toContain(keys.outside.custodianJwks.A.d);
});

it("says what is missing and ends with 1, or with 2 and its usage when it is called wrongly", async () => {
  expect(await rotate("--state", join(state, "nowhere"))).toMatchObject({
    code: 1,
    err: "There is no demo here: give --as and --key\n",
  });
  const wrongly = await rotate(...here(), "--destroy", "x");
  expect(wrongly.code).toBe(2);
  expect(wrongly.err).toContain("--destroy takes a whole number");
  expect(wrongly.err).toContain("npm run rotate -- --cell us|eu");
});
