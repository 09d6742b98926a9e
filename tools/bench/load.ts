import { Agent, request } from "node:http";

/** One prepared request. */
export interface Shot {
  readonly path: string;
  readonly body: Uint8Array;
}

export interface Round {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * Fires each lane's shots in order over one kept connection, all lanes at once, and stops when every lane is empty:
 * the load is bounded by what was prepared. @throws Error at the first answer that is not 200.
 */
export async function fire(origin: string, lanes: readonly (readonly Shot[])[]): Promise<Round> {
  const { hostname, port } = new URL(origin);
  const times: number[] = [];
  const begin = performance.now();
  await Promise.all(
    lanes.map(async (shots) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (const shot of shots) {
        const start = performance.now();
        const status = await post(agent, hostname, Number(port), shot);
        if (status !== 200) throw new Error(`${shot.path} answered ${status}`);
        times.push(performance.now() - start);
      }
      agent.destroy();
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function post(agent: Agent, hostname: string, port: number, shot: Shot): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": 'application/cose; cose-type="cose-sign1"', "content-length": shot.body.length };
    const outgoing = request(
      { agent, hostname, port, path: shot.path, method: "POST", headers, timeout: 10_000 },
      (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode ?? 0));
      },
    );
    outgoing.on("error", reject);
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer in 10 s")));
    outgoing.end(shot.body);
  });
}

export function median(rounds: readonly Round[]): Round {
  const of = (key: keyof Round) =>
    rounds.map((round) => round[key]).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0;
  return { perSecond: of("perSecond"), p50Ms: of("p50Ms"), p99Ms: of("p99Ms") };
}
