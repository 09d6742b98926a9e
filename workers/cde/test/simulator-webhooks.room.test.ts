import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startRoom, type RoomUnderTest } from "../../../tools/platform/room-under-test.ts";
import { httpDoor, type HttpDoor } from "../../../tools/terminal/http-door.ts";
import { Terminal } from "../../../tools/terminal/terminal.ts";
import { TEST_CARDS } from "../../../tools/terminal/test-cards.ts";
import { startPayBench, type PayBench } from "./pay-bench.ts";

const KEY = "processor-key-of-a-test";
let acquirer: RoomUnderTest;
let acquirerDoor: HttpDoor;
let pay: PayBench;

beforeAll(async () => {
  pay = await startPayBench(async (origin) => {
    acquirer = await startRoom("processor", { secrets: { PROCESSOR_KEY: KEY }, vars: { PAY_ORIGIN: origin } });
    acquirerDoor = await httpDoor((path, init) => acquirer.fetch(path, init));
    return { PROCESSOR: "simulator", PROCESSOR_KEY: KEY, PROCESSOR_ORIGIN: acquirerDoor.origin };
  });
});
afterAll(async () => {
  await acquirerDoor.close();
  await pay.stop();
  await acquirer.stop();
});

async function arm(handoff: string, on: string, behaviour: string): Promise<number> {
  const init = {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ handoff, on, behaviour }),
  };
  return (await acquirer.fetch("/v1/behaviours", init)).status;
}
const atTerminal = (handoff: string) =>
  new Terminal({ processorOrigin: acquirerDoor.origin, key: KEY, terminal: "T-1", store: "eu-demo" }).pay({
    handoff,
    amount: 4_290,
    currency: "EUR",
    card: TEST_CARDS.visa,
  });
const stateOf = async (handoff: string) =>
  (await pay.rows(`SELECT state FROM authorizations WHERE handoff = '${handoff}'`))[0]?.["state"];
const eventsOf = (handoff: string) => pay.rows(`SELECT state FROM webhook_events WHERE handoff = '${handoff}'`);
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 100 });

describe("the simulator's webhook", () => {
  it.each(["approve", "answer_late"])("sent %s tells the CDE to ask, with nobody else asking", async (when) => {
    const handoff = crypto.randomUUID() as string;
    expect((await pay.authorize(handoff)).state).toBe("pending");
    expect(await arm(handoff, "webhook", when)).toBe(201);
    await atTerminal(handoff);
    await until(async () => expect(await stateOf(handoff)).toBe("approved"));
  });

  it("sent twice is one event", async () => {
    const handoff = crypto.randomUUID() as string;
    await pay.authorize(handoff);
    await arm(handoff, "webhook", "duplicate");
    await atTerminal(handoff);
    await until(async () => expect(await stateOf(handoff)).toBe("approved"));
    await until(async () => expect(await eventsOf(handoff)).toEqual([{ state: "done" }]));
  });

  it("of a capture whose answer was lost ends the unknown, with one capture", async () => {
    const handoff = crypto.randomUUID() as string;
    await atTerminal(handoff);
    const { id } = await pay.authorize(handoff);
    await arm(handoff, "capture", "lose_answer");
    await arm(handoff, "webhook", "answer_late");
    expect((await pay.capture(id, handoff, 4_290)).state).toBe("unknown");
    await until(async () =>
      expect(await pay.rows(`SELECT state FROM operations WHERE authorization = '${id}'`)).toEqual([{ state: "done" }]),
    );
    expect((await pay.authorize(handoff)).state).toBe("captured");
  });

  it("comes again when the CDE could not ask", async () => {
    const handoff = crypto.randomUUID() as string;
    await pay.authorize(handoff);
    await arm(handoff, "status", "lose_answer");
    await arm(handoff, "webhook", "approve");
    await atTerminal(handoff);
    await until(async () => expect(await stateOf(handoff)).toBe("approved"));
    await until(async () => expect(await eventsOf(handoff)).toEqual([{ state: "done" }]));
  });

  it("can be neither lost nor declined by arming, and none is sent that was not armed", async () => {
    const handoff = crypto.randomUUID() as string;
    expect(await arm(handoff, "webhook", "decline")).toBe(422);
    expect(await arm(handoff, "webhook", "lose_answer")).toBe(422);
    await atTerminal(handoff);
    const armed = crypto.randomUUID() as string;
    await arm(armed, "webhook", "approve");
    await atTerminal(armed);
    await until(async () => expect(await eventsOf(armed)).toEqual([{ state: "done" }]));
    expect(await eventsOf(handoff)).toEqual([]);
  });

  it("is refused unsigned", async () => {
    const response = await pay.cde.fetch("/v1/webhooks/simulator", { method: "POST", body: "{}" });
    expect([response.status, await response.json()]).toMatchObject([400, { code: "webhook_signature" }]);
  });
});
