/** What the modem may do wrong. Everything may be changed while it runs. */
export interface ModemFaults {
  /** ATE0 is answered and not obeyed: commands and data come back. */
  echo: boolean;
  /** Commands, by what they begin with, that are answered ERROR, and how often still. */
  readonly errors: Map<string, number>;
  /** Each byte of an answer is written by itself. */
  oneByte: boolean;
  /** Answers are held back this many milliseconds and then come in one piece. */
  mergeMs: number;
  /** A line of no concern stands before each line. */
  chatter: boolean;
  /** The next answer comes this many milliseconds late; what follows waits behind it. */
  stallMs: number;
  /** What comes out of the connection is delivered twice, so many times still. */
  duplicates: number;
  /** The next write is answered with SEND FAIL, so many times still. */
  sendFails: number;
}

export function noFaults(): ModemFaults {
  return {
    echo: false,
    errors: new Map(),
    oneByte: false,
    mergeMs: 0,
    chatter: false,
    stallMs: 0,
    duplicates: 0,
    sendFails: 0,
  };
}
