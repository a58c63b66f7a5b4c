import { archiveCases } from "./archives.ts";
import { argumentCases } from "./arguments.ts";
import { baseCases } from "./bases.ts";
import { configCases } from "./config.ts";
import { copyCases } from "./copy.ts";
import { flagCases } from "./flags.ts";
import { hardLinkCases, hardLinkStages, linkCases } from "./links.ts";
import type { Case } from "./model.ts";
import { settingCases } from "./settings.ts";
import { sourceCases } from "./sources.ts";
import { stageCases } from "./stages.ts";

export const cases: readonly Case[] = [
  ...copyCases,
  ...configCases,
  ...stageCases,
  ...archiveCases,
  ...linkCases,
  ...hardLinkCases,
  ...hardLinkStages,
  ...baseCases,
  ...flagCases,
  ...sourceCases,
  ...argumentCases,
  ...settingCases,
];
