/**
 * Checks that every binding, variable and secret is there before the first request is served.
 * @throws Error naming the first one that is missing; the Worker then answers nothing.
 */
export function requireBindings<E extends object>(env: E, names: readonly (keyof E & string)[]): void {
  for (const name of names) {
    const value: unknown = env[name];
    if (value === undefined || value === null || value === "") throw new Error(`binding ${name} is missing`);
  }
}

/** What a service binding's `props` carry: set in the caller's configuration, so it can't be forged by its code. */
export interface CallerProps {
  readonly caller: string;
}

/** @throws Error when the binding names another caller than the entrypoint is made for. */
export function requireCaller(props: CallerProps | undefined, expected: string): void {
  if (props?.caller !== expected) throw new Error(`this entrypoint is for ${expected}`);
}
