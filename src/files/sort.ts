import type { Pauses } from "./pauses.ts";

const runLength = 10_000;

/** Sorted by their UTF-16 units, with pauses in between: in sorted runs at first, then two and two together. */
export async function sortTexts(texts: readonly string[], pauses: Pauses): Promise<readonly string[]> {
  let runs: string[][] = [];
  for (let at = 0; at < texts.length; at += runLength) {
    runs.push(texts.slice(at, at + runLength).sort());
    await pauses.due();
  }
  while (runs.length > 1) {
    const merged: string[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await mergeTwo(runs[at] ?? [], runs[at + 1] ?? [], pauses));
    runs = merged;
  }
  return runs[0] ?? [];
}

async function mergeTwo(a: readonly string[], b: readonly string[], pauses: Pauses): Promise<string[]> {
  const merged: string[] = [];
  let [left, right] = [0, 0];
  while (left < a.length || right < b.length) {
    const takesLeft = right === b.length || (left < a.length && (a[left] ?? "") <= (b[right] ?? ""));
    merged.push((takesLeft ? a[left++] : b[right++]) ?? "");
    if (merged.length % 1024 === 0) await pauses.due();
  }
  return merged;
}
