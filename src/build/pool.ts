/** `work` for each item, `limit` at a time, results in the order of the items. After a failure nothing more is begun. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let isBroken = false;
  const worker = async (): Promise<void> => {
    while (next < items.length && !isBroken) {
      const at = next++;
      try {
        results[at] = await work(items[at] as T);
      } catch (cause) {
        isBroken = true;
        throw cause;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
