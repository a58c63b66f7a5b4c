export { adoptImage, endAdoption } from "./adopt.ts";
export { type BaseStatus, type BasesSurvey, surveyBases } from "./bases.ts";
export type { CommitFacts } from "./commits.ts";
export { type ImageState, type ImageStatus, isOutOfDate } from "./image-status.ts";
export { type ImagesDocument, imagesDocument, imagesFrom } from "./images-document.ts";
export { resolveName } from "./resolve-name.ts";
export { type StatusSurvey, surveyPublished, surveyStatus } from "./survey.ts";
export { readTrail, type Trail, type TrailPart } from "./trail.ts";
export { undoWithdrawal, type Withdrawal, withdrawImage } from "./withdraw.ts";
