/** Shows that something goes on: one line that changes on a terminal, one line a step elsewhere. */
export interface Progress {
  step(text: string): void;
  done(text: string): void;
}

export function spinner(first: string, out: NodeJS.WriteStream = process.stderr): Progress {
  const live = out.isTTY;
  let last = "";
  const show = (text: string, end: boolean) => {
    if (text === last && !end) return;
    last = text;
    if (live) out.write(`\r\u001b[K${text}${end ? "\n" : " …"}`);
    else out.write(`${text}\n`);
  };
  show(first, false);
  return { step: (text) => live && show(text, false), done: (text) => show(text, true) };
}

/** `[████░░░░] 12/40  what`: for work of a known length. Elsewhere than on a terminal, every tenth. */
export function bar(
  total: number,
  what: string,
  out: NodeJS.WriteStream = process.stderr,
): { tick(note?: string): void; done(): void } {
  const live = out.isTTY;
  const width = 24;
  let count = 0;
  let lastTenth = 0;
  return {
    tick(note = "") {
      count += 1;
      const filled = Math.round((count / total) * width);
      const text = `${count}/${total} ${what} ${note}`.trimEnd();
      if (live) out.write(`\r\u001b[K[${"█".repeat(filled)}${"░".repeat(width - filled)}] ${text}`);
      const tenth = Math.floor((count / total) * 10);
      if (!live && tenth > lastTenth) out.write(`${text}\n`);
      lastTenth = tenth;
    },
    done() {
      if (live) out.write("\n");
    },
  };
}
