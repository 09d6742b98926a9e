// How every command of package.json reads its command line. One that is called wrongly starts nothing and writes nothing.
import { existsSync } from "node:fs";
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import type { Cell } from "../protocol/ids.ts";

/** What the caller got wrong: told with the usage, and the command ends with 2. Other failures end with 1. */
export class UsageError extends Error {}

/** An option without a value. */
export const FLAG = { type: "boolean", default: false } as const;
/** An option with a value. */
export const TEXT = { type: "string" } as const;

interface CommandForm<O extends ParseArgsOptionsConfig> {
  /** How the command is called, an option a line; `--help` prints it. */
  readonly usage: string;
  readonly options?: O;
  /** How many words it takes besides its options; none unless told. */
  readonly words?: readonly [least: number, most: number];
}

type Values<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: O; allowPositionals: true }>
>["values"];

/**
 * Reads this process's command line. `--help` prints the usage and ends with 0; an unknown option, a word too many and a
 * UsageError of `read` are told with the usage, and end with 2.
 * @param read makes of the values and words what the command works with
 */
export function readCommand<const O extends ParseArgsOptionsConfig, T>(
  { usage, options, words: [least, most] = [0, 0] }: CommandForm<O>,
  read: (values: Values<O>, words: readonly string[]) => T,
): T {
  try {
    const form = { ...options, help: { type: "boolean", short: "h" } } as unknown as O;
    const { values, positionals } = parseArgs({ allowPositionals: true, options: form });
    if ((values as { readonly help?: boolean }).help === true) {
      console.log(usage);
      process.exit(0);
    }
    if (positionals.length > most) throw new UsageError(`one word too many: ${positionals[most] ?? ""}`);
    if (positionals.length < least) throw new UsageError("a word is missing");
    return read(values, positionals);
  } catch (error) {
    if (!(error instanceof UsageError) && !isParseError(error)) throw error;
    console.error(`${messageOf(error)}\n\n${usage}`);
    process.exit(2);
  }
}

/** The command line of what writes a generated file: nothing, or `--check`. */
export function readGenerator(name: string, what: string): { readonly check: boolean } {
  const usage = `npm run ${name} -- [--check]
  writes ${what}
  --check   writes nothing; ends with 1 when it is stale`;
  return readCommand({ usage, options: { check: FLAG } }, (values) => ({ check: values.check }));
}

/**
 * The work of a command whose words say what it does. A UsageError is told with the usage and ends with 2; any other by
 * its message, and ends with 1.
 */
export async function runCommand(usage: string, work: () => Promise<void>, tell = messageOf): Promise<void> {
  try {
    await work();
  } catch (error) {
    const wrongly = error instanceof UsageError;
    console.error(wrongly ? `${error.message}\n\n${usage}` : tell(error));
    process.exitCode = wrongly ? 2 : 1;
  }
}

/** @throws UsageError when it is none of these */
export function oneOf<const T extends string>(name: string, value: string | undefined, these: readonly T[]): T {
  const found = these.find((each) => each === value);
  if (found !== undefined) return found;
  const but = these.length === 1 ? "" : `${these.slice(0, -1).join(", ")} or `;
  throw new UsageError(`${name} takes ${but}${these.at(-1) ?? ""}`);
}

/** @throws UsageError when there is no such cell */
export function cellOf(value: string | undefined): Cell {
  return oneOf("--cell", value, ["us", "eu"]);
}

/** @throws UsageError unless it is a whole number in decimal digits, from `least` to `most` */
export function wholeNumber(name: string, value: string | undefined, least: number, most: number): number {
  const number = /^\d{1,15}$/.test(value ?? "") ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${name} takes a whole number from ${least} to ${most}`);
}

/** @throws UsageError when an option that this step needs was not given */
export function needed(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${name} is needed`);
  return value;
}

/** @throws UsageError when a file or folder that was named is not there */
export function mustExist(what: "file" | "folder", path: string | undefined): void {
  if (path !== undefined && !existsSync(path)) throw new UsageError(`there is no ${what} ${path}`);
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  // What follows the first sentence of Node's own message is about another mistake.
  return isParseError(error) ? (text.split(". ")[0] ?? text) : text;
}

function isParseError(error: unknown): boolean {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS");
}
