/** The library: every verb of the command line over a session, the values they pass on, and how they fail. */

export type {
  AdoptedImage,
  Catalogue,
  CompatLayer,
  ScienceLayer,
  Settings,
  WithdrawnImage,
} from "./catalogue/model.ts";
export type { ChangeSet } from "./changes/model.ts";
export type { Diagnostic } from "./diagnostics/diagnostic.ts";
export { FailedError, RefusedError } from "./diagnostics/failure.ts";
export { renderDiagnostics } from "./diagnostics/render.ts";
export type { BuildResult } from "./engines/run-model.ts";
export type { PipelineFile } from "./pipeline/model.ts";
export type { Plan, PlannedBuild, Reason } from "./plan/model.ts";
export type { ExplainedBuild, Explanation } from "./plan/why.ts";
export type { PublishedBuild } from "./publish/publish-stable.ts";
export type { RollbackPlan } from "./publish/rollback.ts";
export type { RunEvent, WrittenEvent } from "./publish/run-events.ts";
export type { Withdrawal } from "./records/withdraw.ts";
export { type AdoptRequest, adopt } from "./run/adopt.ts";
export { type AttachedContents, attachContents } from "./run/attach-contents.ts";
export { bases } from "./run/bases.ts";
export { build } from "./run/build.ts";
export { type Checked, check } from "./run/check.ts";
export { type ContentsAnswer, contents } from "./run/contents.ts";
export { type CopyOutcome, updateCopies } from "./run/copies.ts";
export { type HistoryAnswer, history } from "./run/history.ts";
export { type ImagesAnswer, images } from "./run/images.ts";
export { runEvents } from "./run/journal.ts";
export type { BuildRequest, BuildWatch, Outcome } from "./run/model.ts";
export { type Ask, type NewAnswer, type NewRequest, newLayer } from "./run/new.ts";
export { pinPlan } from "./run/pin.ts";
export { type PipelineRequest, pipeline } from "./run/pipeline.ts";
export { type Planned, type PlanRequest, plan } from "./run/plan.ts";
export { type PublishRequest, publish, publishPlan } from "./run/publish.ts";
export { type RollbackOptions, type RolledBack, release, rollback } from "./run/rollback.ts";
export { type CatalogueState, openSession, type Session, type SessionOptions, withSession } from "./run/session.ts";
export { type Signed, type SignRequest, sign } from "./run/sign.ts";
export { type StatusAnswer, status } from "./run/status.ts";
export { type TrailAnswer, trail } from "./run/trail.ts";
export { type Verified, type VerifyRequest, verify } from "./run/verify.ts";
export { type Explained, why } from "./run/why.ts";
export { endWithdrawal, type WithdrawRequest, withdraw, withdrawRun } from "./run/withdraw.ts";
export type { BasesSurvey } from "./status/bases.ts";
export type { ImagesDocument } from "./status/images-document.ts";
export type { ImageHistory } from "./trail/history.ts";
export type { Trail } from "./trail/trail.ts";
export type { ImageVerdict } from "./trust/model.ts";
