import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CardReaderSimulator } from "./card-reader.ts";
import { DisplaySimulator, KEYS, textOf } from "./display.ts";
import { RadioSimulator } from "./radio.ts";
import { ScaleSimulator } from "./scale.ts";
import { ScannerSimulator } from "./scanner.ts";
import { encodeFrame, frameCrc, FrameReader } from "./serial-frame.ts";
import { TestWire } from "./test-wire.ts";
import { openLine } from "./wire.ts";

const HANDOFF = Buffer.from("0193b3e0a1b24c3d8e4f5061728394a5", "hex");
const framesOf = (wire: TestWire) => new FrameReader().push(wire.take());

describe("a frame on a short line", () => {
  it("has CRC-16/CCITT-FALSE", () => {
    expect(frameCrc(Buffer.from("123456789"))).toBe(0x29b1);
  });

  it("is found behind noise and behind a broken frame, however it is cut", () => {
    const frame = encodeFrame(7, Buffer.from("hello"));
    const broken = Buffer.from(frame);
    broken[6] = 0;
    const reader = new FrameReader();
    const stream = Buffer.concat([Buffer.of(1, 0xa5, 9, 0xff, 0xff), broken, frame, frame]);
    const found = [...stream].flatMap((byte) => reader.push(Buffer.of(byte)));
    expect(found.map(({ type, payload }) => [type, payload.toString()])).toEqual([
      [7, "hello"],
      [7, "hello"],
    ]);
  });
});

describe("a line's socket", () => {
  it("starts its peripheral at each READY and hands on what follows", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cartwright-line-"));
    const seen: string[] = [];
    const line = await openLine(join(folder, "line"), {
      start: (wire) => {
        seen.push("start");
        wire.write("hi");
      },
      receive: (bytes) => seen.push(bytes.toString()),
      stop: () => seen.push("stop"),
    });
    const socket = connect(line.path);
    const heard = new Promise((resolve) => socket.once("data", resolve));
    socket.write("READY\nabc");
    expect(String(await heard)).toBe("hi");
    socket.end();
    await new Promise((resolve) => socket.once("close", resolve));
    await line.close();
    rmSync(folder, { recursive: true });
    expect(seen.filter((each) => each === "start")).toHaveLength(1);
    expect(seen.join(" ")).toContain("abc");
    expect(seen.at(-1)).toBe("stop");
  });
});

describe("the simulated scanner", () => {
  it("writes each code as a line with its symbology", () => {
    const scanner = new ScannerSimulator();
    const wire = new TestWire(scanner);
    for (const code of ["4006381333931", "96385074", "12345678901231"]) scanner.scan(code);
    scanner.scanPhone("0123456789ABCDEFGHJKMNPQRS");
    scanner.raw("noise");
    expect(wire.text()).toBe(
      "]E04006381333931\r]E496385074\r]e012345678901231\r]Q3cartwright:pair:1:0123456789ABCDEFGHJKMNPQRS\rnoise",
    );
  });
});

describe("the simulated scale", () => {
  it("writes what lies on it, again and again, until the cart is gone", async () => {
    const scale = new ScaleSimulator(1);
    const wire = new TestWire(scale);
    scale.put(412);
    expect(await wire.until("S +000412 g\r\n")).toContain("S +000412 g\r\n");
    scale.put(-3);
    await wire.until("S -000003 g\r\n");
    scale.trouble("overload");
    await wire.until("O -000003 g\r\n");
    scale.trouble("motion");
    await wire.until("D ");
    scale.trouble("fault");
    await wire.until("F ");
    scale.stop();
    expect(scale.grams).toBe(-3);
  });
});

describe("the simulated card reader", () => {
  it("says its serial, and reads a card when it is armed", async () => {
    const reader = new CardReaderSimulator<string>("READER-1", async (card) => `${card}0123456789ABCDEFGHIJK`);
    const wire = new TestWire(reader);
    expect(framesOf(wire)).toEqual([{ type: 1, payload: Buffer.from("READER-1") }]);
    expect(await reader.tap("abc")).toBeNull();
    const armed = reader.untilArmed();
    reader.receive(encodeFrame(0x81));
    await armed;
    await reader.untilArmed();
    expect(await reader.tap("abc")).toBe("abc0123456789ABCDEFGHIJK");
    expect(framesOf(wire)).toEqual([{ type: 2, payload: Buffer.from("abc0123456789ABCDEFGHIJK") }]);
    expect(reader.armed).toBe(false);
  });

  it("says that a card was refused when its vendor gives no token", async () => {
    const reader = new CardReaderSimulator<string>("R", () => Promise.reject(new Error("no")));
    const wire = new TestWire(reader);
    reader.receive(encodeFrame(0x81));
    wire.take();
    expect(await reader.tap("card")).toBeNull();
    reader.tamper();
    reader.receive(encodeFrame(0x83));
    expect(framesOf(wire).map(({ type }) => type)).toEqual([3, 4, 1]);
    reader.receive(encodeFrame(0x82));
    expect(reader.armed).toBe(false);
  });
});

describe("the simulated display", () => {
  const picture = (tone: number, ...rows: readonly (readonly [number, string])[]) =>
    encodeFrame(
      0x81,
      Buffer.concat([
        Buffer.of(tone),
        ...rows.map(([style, text]) => Buffer.concat([Buffer.of(style, Buffer.byteLength(text)), Buffer.from(text)])),
      ]),
    );

  it("shows the last picture and resolves for one that is waited for", async () => {
    const display = new DisplaySimulator();
    const wire = new TestWire(display);
    const waited = display.until(/Total/, 5_000);
    display.receive(picture(0, [1, "Hello"]));
    display.receive(picture(2, [1, "Total"], [0, "1,00 €"]));
    expect(textOf(await waited)).toBe("Total\n1,00 €");
    expect((await display.until(/Total/, 5_000)).tone).toBe("warn");
    await expect(display.until(/nothing of the kind/, 1)).rejects.toThrow("Total");
    display.press("loyalty", "98");
    expect(framesOf(wire)).toEqual([{ type: 1, payload: Buffer.concat([Buffer.of(KEYS.loyalty), Buffer.from("98")]) }]);
  });

  it("shows no picture of another form", () => {
    const display = new DisplaySimulator();
    for (const bad of [[9], [0, 9, 0], [0, 0], [0, 0, 5, 65]]) display.receive(encodeFrame(0x81, Buffer.from(bad)));
    display.receive(encodeFrame(0x80, Buffer.of(0)));
    expect(display.picture).toBeNull();
  });
});

describe("the simulated radio", () => {
  const party = () => {
    const asked: unknown[] = [];
    const answer = { outcome: "approved", reference: "ref-1", amount: 199, emv: null } as const;
    const radio = new RadioSimulator({
      beacon: async (nonce) => Buffer.concat([Buffer.from("signed "), nonce]),
      terminal: {
        pay: async (order, terminal) => {
          asked.push({ ...order, terminal });
          return answer;
        },
        status: async () => ({ ...answer, outcome: "unknown", reference: null }),
        cancel: async () => "cancelled",
      },
      periodMs: 1,
    });
    return { radio, asked, wire: new TestWire(radio) };
  };

  it("tells what comes into reach, again and again, and what goes", async () => {
    const { radio, wire } = party();
    radio.near("terminal", "T1");
    const seen = Buffer.concat([Buffer.of(1, 0xc6, 2), Buffer.from("T1")]);
    expect(framesOf(wire)).toEqual([{ type: 1, payload: seen }]);
    await wire.until("T1");
    radio.away("terminal", "T1");
    radio.away("terminal", "T1");
    expect(framesOf(wire).filter(({ type }) => type === 2)).toEqual([{ type: 2, payload: seen }]);
    radio.stop();
  });

  it("has the store's beacon sign a nonce when one is near", async () => {
    const { radio, wire } = party();
    radio.receive(encodeFrame(0x81, HANDOFF));
    radio.near("beacon", "eu-demo");
    radio.receive(encodeFrame(0x81, HANDOFF));
    expect(await wire.until("signed ")).toContain("signed ");
    radio.stop();
  });

  it("hands an order to the terminal and brings its answer back, to questions too", async () => {
    const { radio, asked, wire } = party();
    const order = Buffer.concat([HANDOFF, Buffer.from("00000000000000c702", "hex"), Buffer.from("EUR\x02T1")]);
    radio.receive(encodeFrame(0x82, order));
    await wire.until("ref-1");
    expect(asked).toEqual([
      { handoff: "0193b3e0-a1b2-4c3d-8e4f-5061728394a5", amount: 199, currency: "EUR", terminal: "T1" },
    ]);
    const outcome = async (type: number) => {
      radio.receive(encodeFrame(type, Buffer.concat([HANDOFF, Buffer.from("\x02T1")])));
      await new Promise((resolve) => setImmediate(resolve));
      return framesOf(wire).find(({ type }) => type === 4)?.payload[16];
    };
    expect(await outcome(0x83)).toBe(2);
    expect(await outcome(0x84)).toBe(3);
    radio.stop();
  });
});
