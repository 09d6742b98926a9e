import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DisplaySimulator, KEYS } from "../../cart-fw/sim/display.ts";
import { RadioSimulator } from "../../cart-fw/sim/radio.ts";
import { encodeFrame, FrameReader } from "../../cart-fw/sim/serial-frame.ts";
import type { Wire } from "../../cart-fw/sim/wire.ts";
import { payAtTerminal } from "./pay-at-terminal.ts";

const PICTURE = 0x81;
const SEEN = 0x01;
const ASKS = ["Your basket", "Go to a payment terminal"];

/** A cart of two lines that hears the terminal with its so manieth report; what it was told and what was pressed, in order. */
function cartThatHears(report: number) {
  const happened: string[] = [];
  const display = new DisplaySimulator();
  const unused = () => Promise.reject(new Error("nothing is paid here"));
  const radio = new RadioSimulator({
    beacon: unused,
    terminal: { pay: unused, status: unused, cancel: unused },
    periodMs: 200,
  });
  const show = (...rows: string[]) => {
    const bytes = rows.flatMap((row) => [0, row.length, ...Buffer.from(row)]);
    display.receive(encodeFrame(PICTURE, Buffer.of(0, ...bytes)));
  };
  let reports = 0;
  const line = (told: (type: number, payload: Buffer) => void): Wire => {
    const reader = new FrameReader();
    return {
      write: (bytes) => {
        for (const { type, payload } of reader.push(Buffer.from(bytes))) told(type, payload);
      },
    };
  };
  radio.start(
    line((type) => {
      if (type !== SEEN) return;
      reports += 1;
      happened.push("reported");
    }),
  );
  display.start(
    line((_type, payload) => {
      if (payload[0] !== KEYS.pay) return;
      happened.push("pressed");
      // The panel draws the basket once more before it looks at the key, and each picture twice.
      setTimeout(() => {
        show("Your basket");
        for (let i = 0; i < 2; i += 1)
          if (reports < report) show(...ASKS);
          else show("Adding up");
      }, 5);
    }),
  );
  return { display, radio, happened, show };
}

describe("paying at a terminal", () => {
  it("presses once, after the radio has reported the terminal", async () => {
    const { display, radio, happened } = cartThatHears(1);
    await payAtTerminal(display, radio, "T1");
    expect(happened).toEqual(["reported", "pressed"]);
    radio.stop();
  });

  it("presses once more after the next report where the panel still asks for a terminal, and never after it returned", async () => {
    const { display, radio, happened, show } = cartThatHears(2);
    await payAtTerminal(display, radio, "T1");
    expect(happened).toEqual(["reported", "pressed", "reported", "pressed"]);
    show(...ASKS);
    await pause(300);
    expect(happened.filter((what) => what === "pressed")).toHaveLength(2);
    radio.stop();
  });

  it("gives up on a cart that takes no note of it", async () => {
    const { display, radio, happened } = cartThatHears(99);
    await expect(payAtTerminal(display, radio, "T1")).rejects.toThrow("takes no note of terminal T1");
    expect(happened.filter((what) => what === "pressed")).toHaveLength(5);
    radio.stop();
  });

  it("leaves alone what the panel shows instead by the next report", async () => {
    const { display, radio, happened, show } = cartThatHears(2);
    const paying = payAtTerminal(display, radio, "T1");
    await display.next(/Go to a payment terminal/, 1_000);
    show("Your basket", "Added");
    await paying;
    expect(happened.filter((what) => what === "pressed")).toHaveLength(1);
    radio.stop();
  });
});
