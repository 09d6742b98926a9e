import { readFileSync, readdirSync } from "node:fs";

/** Process ids of the workerd children of this process (Linux: read from /proc). */
export function workerdPids(): number[] {
  let entries: string[];
  try {
    entries = readdirSync("/proc");
  } catch {
    return [];
  }
  return entries
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isOurWorkerd);
}

function isOurWorkerd(pid: number): boolean {
  try {
    // `pid (comm) state ppid …`: comm may hold spaces, so it is read up to the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return name === "workerd" && parent === process.pid;
  } catch {
    return false;
  }
}
