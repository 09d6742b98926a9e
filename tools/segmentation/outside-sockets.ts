import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { RunningCell } from "../platform/cell.ts";
import { workerdsOf } from "../platform/crash.ts";
import { roomConfig } from "../platform/config.ts";
import { ROOMS, type Host } from "../platform/rooms.ts";
import { overHttp, type OnAttack } from "./attack.ts";

/**
 * Every socket that a host's process listens on (Linux: /proc) is an origin, or the runtime's own way in, which knows
 * no other Worker than the host's first; and that one answers nothing there that it does not answer on its origin.
 */
export async function attackSockets(running: RunningCell, state: string, onAttack: OnAttack): Promise<void> {
  const origins = new Map(Object.values(running.origins).map((origin) => [Number(new URL(origin).port), origin]));
  for (const host of ["platform", "pay"] as const satisfies readonly Host[]) {
    const listening = [...new Set(workerdsOf(join(state, host)).flatMap(listensOn))];
    const own = ROOMS.filter((room) => room.host === host);
    for (const port of listening) {
      const url = `http://127.0.0.1:${port}`;
      if (origins.has(port)) continue;
      for (const room of own) {
        const { worker } = roomConfig(room, running.cell);
        for (const header of ["host", "mf-route-override", "x-forwarded-host", "mf-custom-service"])
          onAttack(
            await overHttp({
              on: room.name,
              what: `socket ${host}, asked for ${worker} by ${header}`,
              url: `${url}/admin/v1/audit/entries`,
              headers: { [header]: worker },
              refused: [400, 401, 404, 405, 500],
            }),
          );
      }
      for (const path of [
        "/v1/me",
        "/cart/v1/hello",
        "/v1/card-references",
        "/v1/tokens/forget",
        "/cdn-cgi/mf/scheduled",
        "/cdn-cgi/explorer/api",
      ])
        onAttack(
          await overHttp({
            on: host,
            what: `socket ${host} GET ${path}`,
            url: url + path,
            refused: [400, 401, 404, 405, 500],
          }),
        );
    }
  }
}

/** Ports of a process's listening TCP sockets. */
function listensOn(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => columns[3] === "0A" && inodes.has(columns[9] ?? ""))
      .map((columns) => Number.parseInt((columns[1] ?? "").split(":").at(-1) ?? "", 16)),
  );
}
