/** An object with this key, or none where there is no value or an empty text. */
export const optional = <K extends string, V>(key: K, value: V | undefined | ""): { [P in K]?: V } =>
  (value === undefined || value === "" ? {} : { [key]: value }) as { [P in K]?: V };

/** Undefined for what is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An address may have the login of whoever made the image. */
export const withoutLogin = (address: string): string =>
  address.replace(/\/\/[^/@]*@/, "//").replace(/\/t\/[^/]+\//, "/");
