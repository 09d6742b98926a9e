import { groupsOf } from "../forms.ts";

/** One card number sent where none belongs. */
export interface Attempt {
  /** The route's template, e.g. `PATCH /v1/me`. */
  readonly route: string;
  readonly field: string;
  /** HTTP status, or the cart client's reason. */
  readonly answer: string;
  /** Whether the platform took it: then it is kept somewhere. */
  readonly taken: boolean;
}

/** How people and programs write a card number. */
export function waysToWrite(pan: string): string[] {
  return [
    pan,
    groupsOf(pan).join(" "),
    pan.replaceAll(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    Buffer.from(`card ${pan}`).toString("base64"),
  ];
}

export interface Sent {
  readonly origin: string;
  readonly route: string;
  readonly field: string;
  readonly path: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether an answer says that it was kept; unless told, a 2xx does. */
  readonly taken?: (status: number, answer: string) => boolean;
}

/** Sends it once. Time-out 10 s; no answer is an error of the run. */
export async function attempt({ origin, route, field, path, method, headers, body, taken }: Sent): Promise<Attempt> {
  const response = await fetch(new URL(path, origin), {
    method,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    redirect: "manual",
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  const kept = taken ?? ((status: number) => status < 400);
  return { route, field, answer: String(response.status), taken: kept(response.status, text) };
}
