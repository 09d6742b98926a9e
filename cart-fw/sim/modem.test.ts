import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { onTheAir } from "./modem-traffic.ts";
import { ModemSimulator } from "./modem.ts";
import { TestWire } from "./test-wire.ts";
import { makeServerIdentity, openTlsFront, type ServerIdentity, type TlsFront } from "./tls-front.ts";

const HOST = "api.cart.test";
const REQUEST = `POST /cart/v1/hello HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 3\r\n\r\nabc`;

let api: Server;
let front: TlsFront;
let identity: ServerIdentity;

beforeAll(async () => {
  api = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end("answered"));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  identity = await makeServerIdentity(HOST);
  front = await openTlsFront(identity, (api.address() as { port: number }).port);
});
afterAll(async () => {
  await front.close();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
});

function powerOn(authority = identity.authority) {
  const modem = new ModemSimulator({
    authority,
    route: (host) => (host === "nobody.test" ? undefined : { host: "127.0.0.1", port: front.port }),
  });
  const wire = new TestWire(modem);
  const ask = async (command: string, until = "OK\r\n") => {
    modem.receive(Buffer.from(`${command}\r`));
    return wire.until(until);
  };
  return { modem, wire, ask };
}

async function setUp(authority?: string) {
  const on = powerOn(authority);
  for (const command of [
    "ATE0",
    "AT+CEREG=1",
    'AT+QSSLCFG="seclevel",1,1',
    'AT+QSSLCFG="cacert",1,"root.pem"',
    "AT+QIACT=1",
  ])
    await on.ask(command);
  return on;
}

async function connected() {
  const on = await setUp();
  await on.ask(`AT+QSSLOPEN=1,1,0,"${HOST}",443,0`, "+QSSLOPEN: 0,0\r\n");
  return on;
}

async function exchange({ modem, wire, ask }: Awaited<ReturnType<typeof connected>>): Promise<string> {
  await ask(`AT+QSSLSEND=0,${REQUEST.length}`, "> ");
  modem.receive(Buffer.from(REQUEST));
  await wire.until('+QSSLURC: "recv",0');
  return ask("AT+QSSLRECV=0,1000", "\r\n\r\nOK\r\n");
}

describe("the simulated modem", () => {
  it("echoes until it is told not to, and for ever with that fault", async () => {
    const { modem, ask } = powerOn();
    expect(await ask("AT")).toBe("AT\r\r\nOK\r\n");
    await ask("ATE0");
    expect(await ask("AT")).toBe("\r\nOK\r\n");
    modem.faults.echo = true;
    expect(await ask("AT")).toBe("AT\r\r\nOK\r\n");
  });

  it("tells its registration when asked, and its changes when asked to", async () => {
    const { modem, wire, ask } = powerOn();
    expect(await ask("AT+CEREG?")).toContain("+CEREG: 0,1");
    modem.register(false);
    await ask("AT+CEREG=1");
    modem.register(true);
    expect(await wire.until("+CEREG: 1\r\n")).toBe("\r\n+CEREG: 1\r\n");
    modem.register(false);
    expect(await wire.until("+CEREG: 2\r\n")).not.toContain("1,");
    expect(await ask("AT+CSQ")).toContain("+CSQ: 99,99");
    expect(await ask("AT+QIACT=1", "ERROR")).toContain("ERROR");
  });

  it("carries a request through real TLS and counts it", async () => {
    const on = await connected();
    const answer = await exchange(on);
    expect(answer).toContain("HTTP/1.1 200 OK");
    expect(answer).toContain("answered");
    const [message] = on.modem.traffic.messages;
    expect(message).toMatchObject({ request: "POST /cart/v1/hello", up: REQUEST.length });
    expect(onTheAir(message!)).toBe(REQUEST.length + message!.down + 58 + 120);
    expect(on.modem.traffic.connections).toBe(1);
  });

  it("opens no connection to a server with another name or of another authority, nor to a host that nobody knows", async () => {
    const opened = async (authority: string, host: string) => {
      const { ask } = await setUp(authority);
      return ask(`AT+QSSLOPEN=1,1,0,"${host}",443,0`, "+QSSLOPEN: 0,");
    };
    const stranger = await makeServerIdentity(HOST);
    for (const [authority, host] of [
      [stranger.authority, HOST],
      [identity.authority, "other.cart.test"],
      [identity.authority, "nobody.test"],
    ] as const)
      expect(await opened(authority, host)).toContain("+QSSLOPEN: 0,579");
  });

  it("opens no connection before its context is active, and no second one", async () => {
    const { ask } = powerOn();
    expect(await ask(`AT+QSSLOPEN=1,1,0,"${HOST}",443,0`, "ERROR")).toContain("ERROR");
    const on = await connected();
    expect(await on.ask(`AT+QSSLOPEN=1,1,0,"${HOST}",443,0`, "ERROR")).toContain("ERROR");
  });

  it("says when the other side closes, and answers a write then with ERROR", async () => {
    const on = await connected();
    front.hangUp();
    await on.wire.until('+QSSLURC: "closed",0');
    expect(await on.ask("AT+QSSLSEND=0,3", "ERROR")).toContain("ERROR");
    expect(await on.ask("AT+QSSLRECV=0,10")).toContain("+QSSLRECV: 0");
    expect(await on.ask("AT+QSSLCLOSE=0")).toContain("OK");
    expect(await on.ask("AT+QSSLCLOSE=0", "ERROR")).toContain("ERROR");
  });

  it("drops the connection where there is no coverage", async () => {
    const on = await connected();
    on.modem.register(false);
    expect(await on.wire.until("+CEREG: 2\r\n")).not.toContain("closed");
    expect(await on.ask("AT+QSSLSEND=0,3", "ERROR")).toContain("ERROR");
  });

  it("delivers twice, fails writes and refuses commands when it is told to", async () => {
    const on = await connected();
    on.modem.faults.duplicates = 1;
    expect((await exchange(on)).match(/answered/g)).toHaveLength(2);
    on.modem.faults.sendFails = 1;
    await on.ask("AT+QSSLSEND=0,3", "> ");
    on.modem.receive(Buffer.from("abc"));
    await on.wire.until("SEND FAIL");
    on.modem.faults.errors.set("AT+CSQ", 1);
    expect(await on.ask("AT+CSQ", "ERROR")).toContain("ERROR");
    expect(await on.ask("AT+CSQ")).toContain("+CSQ: 20,99");
  });

  it("writes byte by byte, in one late piece, or with chatter between its lines, and says the same", async () => {
    for (const fault of [{ oneByte: true }, { mergeMs: 5 }, { stallMs: 5 }, { chatter: true }]) {
      const on = await connected();
      Object.assign(on.modem.faults, fault);
      expect(await exchange(on)).toContain("answered");
    }
  });

  it("starts anew by itself, with nothing left of before", async () => {
    const on = await connected();
    on.modem.restart();
    await on.wire.until("RDY");
    expect(await on.ask("AT+QSSLSEND=0,3", "ERROR")).toContain("AT+QSSLSEND");
  });

  it("refuses commands that it does not know and writes that are too long", async () => {
    const on = await connected();
    for (const refused of [
      "AT+CFUN=0",
      "AT+QSSLSEND=0,0",
      "AT+QSSLSEND=0,1461",
      "AT+QSSLRECV=0,1501",
      'AT+QSSLCFG="x"',
    ])
      expect(await on.ask(refused, "ERROR")).toContain("ERROR");
  });
});
