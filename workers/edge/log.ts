/**
 * One structured line for the operator about a throw that no contract expects. A message may quote input
 * (a parser's often does), so only the error's class and the places in our own code are written.
 */
export function logUnexpected(route: string, error: unknown): void {
  const known = error instanceof Error;
  console.error(
    JSON.stringify({
      level: "error",
      room: "edge",
      event: "unexpected",
      route,
      error: known ? error.name : typeof error,
      at: known ? placesOf(error.stack ?? "") : [],
    }),
  );
}

/** The first frames of a stack, without the message that precedes them. */
export function placesOf(stack: string): string[] {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => /^at [\w$.<># [\]]*\(?[^()\s]*:\d+:\d+\)?$/.test(line))
    .slice(0, 4);
}
