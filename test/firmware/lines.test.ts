import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, type TestContext } from "vitest";
import { ModemSimulator } from "../../cart-fw/sim/modem.ts";
import { SecureElementSimulator } from "../../cart-fw/sim/secure-element.ts";
import { makeServerIdentity, openTlsFront, type ServerIdentity, type TlsFront } from "../../cart-fw/sim/tls-front.ts";
import { openLine, type Peripheral } from "../../cart-fw/sim/wire.ts";
import { SecureElement } from "../../tools/cart/secure-element.ts";
import { build, run } from "../../tools/cart-fw/build.ts";
import { ensureToolchain } from "../../tools/cart-fw/toolchain.ts";

const HOST = "api.cart.test";

const missing = ensureToolchain();
let folder: string;
let programs: string;
let api: Server;
let front: TlsFront;
let identity: ServerIdentity;
/** Requests that the server answered, by number. */
const answered: string[] = [];
/** Called before a request is answered, with how many were before it in this test. */
let disturb: (requests: number) => void = () => undefined;
let first = 0;

beforeAll(async () => {
  if (missing !== null) return;
  programs = await build("host", ["line_modem", "line_element"]);
  folder = mkdtempSync(join(tmpdir(), "cart-line-"));
  api = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const number = body.slice(0, 8);
      disturb(answered.length - first);
      answered.push(number);
      response.end(number);
    });
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  identity = await makeServerIdentity(HOST);
  front = await openTlsFront(identity, (api.address() as { port: number }).port);
}, 300_000);
afterAll(async () => {
  if (missing !== null) return;
  await front.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
  rmSync(folder, { recursive: true });
});

async function withLine<T>(name: string, peripheral: Peripheral, use: (path: string) => Promise<T>): Promise<T> {
  const line = await openLine(join(folder, name), peripheral);
  try {
    return await use(line.path);
  } finally {
    await line.close();
  }
}

describe("the modem's driver with the simulated modem", () => {
  interface Outcome {
    readonly answered: number;
    readonly connections: number;
    readonly restarts: number;
  }
  /** Twelve requests, each until it was answered; `fault` strikes when five have been. */
  async function twelve(
    context: TestContext,
    prepare: (modem: ModemSimulator) => void,
    { fault = () => undefined, size = 200 }: { fault?: (modem: ModemSimulator) => void; size?: number } = {},
  ): Promise<Outcome> {
    context.skip(missing !== null, missing ?? "");
    const route = () => ({ host: "127.0.0.1", port: front.port });
    const modem = new ModemSimulator({ authority: identity.authority, route });
    prepare(modem);
    first = answered.length;
    let struck = false;
    disturb = (requests) => {
      if (requests !== 5 || struck) return;
      struck = true;
      fault(modem);
    };
    return withLine("modem", modem, async (path) => {
      const ran = await run(join(programs, "line_modem"), [path, HOST, "443", "12", String(size), "400"]);
      expect(ran.status, ran.output).toBe(0);
      const numbers = new Set(answered.slice(first));
      expect([...numbers].filter((number) => /^0{6}\d\d$/.test(number))).toHaveLength(12);
      return JSON.parse(ran.output) as Outcome;
    });
  }

  test("needs one connection for all requests, in pieces where they are long", async (context) => {
    expect(await twelve(context, () => undefined)).toEqual({ answered: 12, connections: 1, restarts: 0 });
    expect(await twelve(context, () => undefined, { size: 3_000 })).toMatchObject({ connections: 1, restarts: 0 });
  });

  test.for<[string, Partial<ModemSimulator["faults"]>]>([
    ["an echo that stays on", { echo: true }],
    ["answers that come byte by byte", { oneByte: true }],
    ["answers that come late and in one piece", { mergeMs: 20 }],
    ["lines of no concern between its lines", { chatter: true }],
  ])("is not disturbed by %s", async ([, faults], context) => {
    const outcome = await twelve(context, (modem) => Object.assign(modem.faults, faults));
    expect(outcome).toEqual({ answered: 12, connections: 1, restarts: 0 });
  });

  test.for<[string, (modem: ModemSimulator) => void]>([
    [
      "commands that are refused once each",
      ({ faults }) => {
        for (const command of ["ATE0", "AT+CEREG?", "AT+QIACT", "AT+QSSLOPEN", "AT+QSSLSEND", "AT+QSSLRECV"])
          faults.errors.set(command, 1);
      },
    ],
    ["writes that fail", ({ faults }) => void (faults.sendFails = 2)],
    ["answers that are delivered twice", ({ faults }) => void (faults.duplicates = 2)],
  ])("gets every request answered in spite of %s", async ([, prepare], context) => {
    expect(await twelve(context, prepare)).toMatchObject({ answered: 12 });
  });

  test.for<[string, (modem: ModemSimulator) => void]>([
    ["the server hangs up", () => front.hangUp()],
    ["the network forgets the connection", (modem) => modem.forgetConnection()],
    ["the modem starts anew", (modem) => modem.restart()],
    [
      "the modem is out of coverage for a moment",
      (modem) => {
        modem.register(false);
        setTimeout(() => modem.register(true), 30);
      },
    ],
  ])("gets every request answered when, after the fifth, %s", async ([, fault], context) => {
    const outcome = await twelve(context, () => undefined, { fault });
    expect(outcome.connections).toBeGreaterThan(1);
  });

  test("takes up again with a modem that stalled", async (context) => {
    const stall = (modem: ModemSimulator) => void (modem.faults.stallMs = 6_000);
    expect(await twelve(context, () => undefined, { fault: stall })).toMatchObject({ answered: 12, restarts: 1 });
  });
});

describe("the secure element's driver with the simulated one", () => {
  test("signs and verifies through silence, noise, wrong CRCs and sleep", async (context) => {
    context.skip(missing !== null, missing ?? "");
    const privateJwk = await (await SecureElement.make()).save();
    const element = new SecureElementSimulator({ privateJwk });
    for (const fault of ["crc", "noise", "command_crc", "watchdog", "silent"] as const)
      element.faults.push(fault, null, null, null, null);
    await withLine("element", element, async (path) => {
      const ran = await run(join(programs, "line_element"), [path, "5"]);
      expect(ran.status, ran.output).toBe(0);
      expect(JSON.parse(ran.output)).toEqual({ verified: 5, refused: 5 });
    });
    expect(element.faults).toEqual([]);
  });
});
