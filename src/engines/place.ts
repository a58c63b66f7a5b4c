import { locateOrigin } from "../compose/origins.ts";
import type { Range } from "../diagnostics/text.ts";
import type { ReadyBuild } from "./model.ts";

/** Where a range of the text that an engine was handed stands in the catalogue; undefined for what image-builder wrote. */
export const locateReady = ({ dockerfile, origins }: ReadyBuild, range: Range): ReturnType<typeof locateOrigin> =>
  locateOrigin({ text: dockerfile, origins }, range);
