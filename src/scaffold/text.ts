/** A definition as people write it; keys without a value are left out. */
export function definitionText(value: Readonly<Record<string, unknown>>): string {
  const defined = Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));
  return `${JSON.stringify(defined, null, 2).replace(/\[\s+([^\]]*?)\s+\]/g, (_, inner: string) => `[${inner.replace(/\s*\n\s*/g, " ")}]`)}\n`;
}
