/**
 * The bytes of a document we make: keys in the order of their UTF-16 units, no white space, absent values left out.
 * Equal values give equal bytes and so equal digests. Documents that came from outside are never written again.
 */
export const canonicalJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(sorted(value)), "utf8");

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
