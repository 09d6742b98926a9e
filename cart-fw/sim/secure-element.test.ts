import { createHash, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { SecureElement } from "../../tools/cart/secure-element.ts";
import { elementCrc, SecureElementSimulator } from "./secure-element.ts";
import { TestWire } from "./test-wire.ts";

const DIGEST = createHash("sha256").update("what is signed").digest();

async function awake() {
  const privateJwk = await (await SecureElement.make()).save();
  const element = new SecureElementSimulator({ privateJwk });
  const wire = new TestWire(element);
  element.receive(Buffer.of(0x00));
  return { element, wire, privateJwk, woken: wire.take() };
}

function command(opcode: number, p1: number, p2: number, data: Uint8Array = new Uint8Array()): Buffer {
  const body = Buffer.concat([Buffer.of(data.length + 7, opcode, p1, p2 & 0xff, p2 >> 8), data]);
  const crc = elementCrc(body);
  return Buffer.concat([Buffer.of(0x03), body, Buffer.of(crc & 0xff, crc >> 8)]);
}

/** The data of an answer whose CRC and size are right. */
function dataOf(answer: Buffer): Buffer {
  expect(answer[0]).toBe(answer.length);
  expect(answer.readUInt16LE(answer.length - 2)).toBe(elementCrc(answer.subarray(0, -2)));
  return answer.subarray(1, -2);
}

describe("the simulated secure element", () => {
  it("answers a wake as the data sheet says", async () => {
    expect((await awake()).woken.toString("hex")).toBe("04113343");
  });

  it("does nothing before it is woken, and nothing after it was sent to idle", async () => {
    const { element, wire } = await awake();
    element.receive(Buffer.of(0x02));
    element.receive(command(0x30, 0, 0));
    expect(wire.take()).toHaveLength(0);
  });

  it("signs a bare digest so that the certificate's key verifies it", async () => {
    const { element, wire, privateJwk } = await awake();
    element.receive(command(0x16, 0x03, 0, DIGEST));
    expect(dataOf(wire.take())).toEqual(Buffer.of(0));
    element.receive(command(0x41, 0x80, 0));
    const signature = dataOf(wire.take());
    const { kty, crv, x, y } = privateJwk;
    const key = createPublicKey({ key: { kty, crv, x, y } as never, format: "jwk" });
    expect(verify("sha256", Buffer.from("what is signed"), { key, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
  });

  it("signs no digest twice, and none that it was not given", async () => {
    const { element, wire } = await awake();
    element.receive(command(0x41, 0x80, 0));
    expect(dataOf(wire.take())).toEqual(Buffer.of(0x0f));
  });

  it("verifies with a public key that it is given", async () => {
    const { element, wire } = await awake();
    const ask = (point: Uint8Array, digest: Uint8Array) => {
      element.receive(command(0x16, 0x03, 0, DIGEST));
      wire.take();
      element.receive(command(0x41, 0x80, 0));
      const signature = dataOf(wire.take());
      element.receive(command(0x16, 0x03, 0, digest));
      wire.take();
      element.receive(command(0x45, 0x02, 4, Buffer.concat([signature, point])));
      return dataOf(wire.take())[0];
    };
    expect(ask(element.point, DIGEST)).toBe(0x00);
    expect(ask(element.point, createHash("sha256").update("another").digest())).toBe(0x01);
    expect(ask(new Uint8Array(64).fill(1), DIGEST)).toBe(0x0f);
  });

  it("gives its public key, serial, revision, randomness and counters", async () => {
    const { element, wire } = await awake();
    const ask = (...args: Parameters<typeof command>) => {
      element.receive(command(...args));
      return dataOf(wire.take());
    };
    expect(ask(0x40, 0, 0)).toEqual(Buffer.from(element.point));
    expect(ask(0x02, 0x80, 0)).toHaveLength(32);
    expect(ask(0x30, 0, 0)).toEqual(Buffer.of(0, 0, 0x60, 3));
    expect(ask(0x1b, 0, 0)).not.toEqual(ask(0x1b, 0, 0));
    expect(ask(0x24, 0, 0).readUInt32LE()).toBe(0);
    expect(ask(0x24, 1, 0).readUInt32LE()).toBe(1);
    expect(ask(0x24, 0, 1).readUInt32LE()).toBe(0);
  });

  it("refuses commands with a wrong CRC, an unknown opcode or other parameters", async () => {
    const { element, wire } = await awake();
    const wrong = command(0x30, 0, 0);
    wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1;
    element.receive(wrong);
    expect(dataOf(wire.take())).toEqual(Buffer.of(0xff));
    for (const refused of [command(0x99, 0, 0), command(0x24, 2, 0), command(0x16, 3, 0, DIGEST.subarray(1))]) {
      element.receive(refused);
      expect(dataOf(wire.take())).toEqual(Buffer.of(0x03));
    }
  });

  it("reads commands that come byte by byte", async () => {
    const { element, wire } = await awake();
    for (const byte of command(0x30, 0, 0)) element.receive(Buffer.of(byte));
    expect(dataOf(wire.take())).toHaveLength(4);
  });

  it("does wrong what it is told to, in order, and then right again", async () => {
    const { element, wire } = await awake();
    element.faults.push("silent", "crc", null, "command_crc", "watchdog");
    const ask = () => {
      element.receive(command(0x30, 0, 0));
      return wire.take();
    };
    expect(ask()).toHaveLength(0);
    expect(() => dataOf(ask())).toThrow();
    expect(dataOf(ask())).toHaveLength(4);
    expect(dataOf(ask())).toEqual(Buffer.of(0xff));
    expect(dataOf(ask())).toEqual(Buffer.of(0xee));
    expect(dataOf(ask())).toHaveLength(4);
    element.faults.push("asleep");
    element.receive(Buffer.of(0x00));
    expect(wire.take()).toHaveLength(0);
  });

  it("keeps key and counters over a power loss, and loses the digest", async () => {
    const { element, wire } = await awake();
    element.receive(command(0x24, 1, 0));
    element.receive(command(0x16, 0x03, 0, DIGEST));
    wire.take();
    const again = new TestWire(element);
    element.receive(Buffer.of(0x00));
    again.take();
    element.receive(command(0x41, 0x80, 0));
    expect(dataOf(again.take())).toEqual(Buffer.of(0x0f));
    element.receive(command(0x24, 0, 0));
    expect(dataOf(again.take()).readUInt32LE()).toBe(1);
  });
});
