import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cell } from "../../protocol/ids.ts";
import { cellKeys } from "../platform/keys.ts";
import { startLocalCell, type LocalCell } from "../platform/local.ts";
import { freePorts } from "../platform/ports.ts";
import { cellState } from "../platform/state.ts";
import type { Attack, OnAttack } from "./attack.ts";
import { entrypoints } from "./entrypoints.ts";
import { attackInside } from "./inside.ts";
import { attackApp, attackCarts, attackOps } from "./outside-doors.ts";
import { attackPay } from "./outside-pay.ts";
import { attackSockets } from "./outside-sockets.ts";
import { probesBeside } from "./probe.ts";

export interface AttackOptions {
  readonly onAttack?: OnAttack;
  readonly onStep?: (step: string) => void;
  /** `inside` alone leaves the doors out. */
  readonly from?: "everywhere" | "inside";
  readonly widen?: Parameters<typeof probesBeside>[2];
}

/** Starts a cell with a probe beside each room and attacks it, door by door from outside and room by room from inside. */
export async function attackCell(cell: Cell, options: AttackOptions = {}): Promise<readonly Attack[]> {
  const { onAttack, onStep = () => undefined, from = "everywhere", widen } = options;
  const root = mkdtempSync(join(tmpdir(), "cartwright-segmentation-"));
  const attacks: Attack[] = [];
  const note: OnAttack = (attack) => {
    attacks.push(attack);
    onAttack?.(attack);
  };
  const doors = entrypoints(cell);
  onStep("starting a cell with a probe beside each room");
  const besides = probesBeside(cell, doors, widen);
  const local = await startLocalCell(cell, { root, ports: await freePorts(), seed: { carts: 1 }, besides });
  try {
    if (from === "everywhere") await attackDoors(local, root, note, onStep);
    onStep("from inside each room");
    await attackInside(cell, local.running, doors, note);
    return attacks;
  } finally {
    await local.running.stop();
    rmSync(root, { recursive: true, force: true });
  }
}

async function attackDoors(
  { running, keys, store }: LocalCell,
  root: string,
  note: OnAttack,
  onStep: (step: string) => void,
): Promise<void> {
  const { origins, cell } = running;
  const foreign = await cellKeys(cell === "us" ? "eu" : "us", join(root, "foreign-keys.json"));
  onStep("the pay origin");
  await attackPay(origins.pay, keys, foreign, note);
  onStep("the ops door");
  await attackOps(origins.ops, keys, foreign, note);
  onStep("the app API");
  await attackApp(origins.api, origins.issuer, keys, foreign, note);
  onStep("the cart API");
  await attackCarts({ store, keys, origins }, note);
  onStep("listening sockets");
  await attackSockets(running, cellState(cell, root), note);
}
