/**
 * Runs commands one after another. A Durable Object lets other calls in while one awaits (input gates open on
 * I/O to other rooms); a trip's commands read state, ask a room and write, so they take turns.
 */
export class Serially {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(command: () => Promise<T> | T): Promise<T> {
    const mine = this.#last.then(command, command);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
