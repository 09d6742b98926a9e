/** One try to reach what must not be reached, and how it ended. */
export interface Attack {
  /** A room, or `outside`. */
  readonly from: string;
  /** The room or origin that was attacked. */
  readonly on: string;
  readonly what: string;
  /** How it was refused, or what was reached. */
  readonly answer: string;
  readonly reached: boolean;
}

/** Called after each attack, to show that something goes on. */
export type OnAttack = (attack: Attack) => void;

export interface HttpAttack {
  readonly on: string;
  readonly what: string;
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** The statuses that refuse. */
  readonly refused: readonly number[];
}

/** Time-out 10 s. A connection that is refused reached nothing. */
export async function overHttp({ on, what, url, method = "GET", headers, body, refused }: HttpAttack): Promise<Attack> {
  try {
    const response = await fetch(url, {
      method,
      redirect: "manual",
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    return { from: "outside", on, what, answer: String(response.status), reached: !refused.includes(response.status) };
  } catch (error) {
    return { from: "outside", on, what, answer: error instanceof Error ? error.name : "no answer", reached: false };
  }
}
