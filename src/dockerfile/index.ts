export type * from "./model.ts";
export { parseDockerfile } from "./parse.ts";
