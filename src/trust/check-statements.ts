import type { KeyObject } from "node:crypto";
import { warning } from "../diagnostics/diagnostic.ts";
import { type Digest, digestHex } from "../oci/digest.ts";
import type { PublishedImage } from "../published/image.ts";
import { verdictType } from "../published/published-at.ts";
import { worst } from "../resolve/outcome.ts";
import type { Attached, AttachedStatement } from "./attached.ts";
import { isSignedBy } from "./envelope.ts";
import { contradiction } from "./findings.ts";
import type { CheckedStatement, ResolvesAnswer, SignatureAnswer, TrustFindings } from "./model.ts";
import { statedResolves, verdictLayers } from "./statement.ts";

export interface StatementCheck {
  readonly statements: readonly CheckedStatement[];
  readonly signed: SignatureAnswer;
  /** The worst that verdicts which count say of what resolves. */
  readonly resolves: ResolvesAnswer;
  /** Verdicts that contradict the image. */
  readonly findings: TrustFindings;
  /** Of the signature. */
  readonly doubts: TrustFindings;
}

/**
 * Holds what is attached against the image. With a key, a statement about this very image has to be signed with it to count;
 * without one, whoever may push is believed. A verdict that counts has to name the layers that the image has.
 */
export function checkStatements(
  { statements: attached, unreadable }: Attached,
  digest: Digest,
  image: PublishedImage,
  key: KeyObject | undefined,
): StatementCheck {
  const judged = attached.map((each) => ({ ...each, checked: judge(each, digest, key) }));
  const counted = judged.filter(({ checked }) => checked.subject === "this-image" && counts(checked, key));
  const statements = judged.map(({ checked }) => checked);
  return {
    statements,
    signed: answerOf(statements),
    resolves: worstOf(counted.flatMap(({ statement }) => statedResolves(statement) ?? [])),
    findings: counted.flatMap(({ statement }) => compareVerdict(statement, image)),
    doubts: [
      ...unreadable,
      ...(key && counted.length === 0 ? [notSigned(statements)] : []),
      ...statements.flatMap((each) => aboutOthers(each, key)),
    ],
  };
}

/** Of an image about which no statement says what resolves. */
export const notSaid: ResolvesAnswer = { verdict: "not examined", differences: [], accepted: false };

const worstOf = (all: readonly ResolvesAnswer[]): ResolvesAnswer =>
  all.reduce<ResolvesAnswer | undefined>(
    (a, b) => (a && worst([a.verdict, b.verdict]) === a.verdict ? a : b),
    undefined,
  ) ?? notSaid;

/** By the best of the statements about this image; those that were put here from another say nothing. */
function answerOf(statements: readonly CheckedStatement[]): SignatureAnswer {
  const own = new Set(statements.flatMap(({ subject, signature }) => (subject === "this-image" ? [signature] : [])));
  if (own.has("valid")) return "signed";
  return (["other-key", "unchecked"] as const).find((each) => own.has(each)) ?? "unsigned";
}

function judge(
  { statement, envelope }: AttachedStatement,
  digest: Digest,
  key: KeyObject | undefined,
): CheckedStatement {
  const subject = statement.subjects.includes(digestHex(digest)) ? "this-image" : "another-image";
  const signature = !envelope ? "none" : !key ? "unchecked" : isSignedBy(envelope, key) ? "valid" : "other-key";
  return { predicateType: statement.predicateType, signature, subject };
}

const counts = ({ signature }: CheckedStatement, key: KeyObject | undefined): boolean =>
  key === undefined || signature === "valid";

/** A statement is attached to what it speaks of. With a key, only what carries its signature is taken seriously. */
function aboutOthers(
  { subject, predicateType, signature }: CheckedStatement,
  key: KeyObject | undefined,
): TrustFindings {
  if (subject === "this-image") return [];
  const message = `a statement of the type ${predicateType} is attached to this image and speaks of another`;
  return key && counts({ subject, predicateType, signature }, key)
    ? [contradiction("statement-about-another", message)]
    : [warning("statement-about-another", message)];
}

function notSigned(statements: readonly CheckedStatement[]) {
  const others = statements.filter(({ signature }) => signature === "other-key").length;
  const found =
    statements.length === 0
      ? "no statement is attached to it"
      : `of ${statements.length} attached, ${others} signed otherwise and ${statements.filter(({ signature }) => signature === "none").length} not at all`;
  return contradiction("not-signed", "no statement about this image is signed with this key", {
    notes: [{ message: found }],
    help: "give --key the public key of whoever publishes; what was published before there was a key is signed by: image-builder sign IMAGE:VERSION --key FILE",
  });
}

function compareVerdict(statement: AttachedStatement["statement"], image: PublishedImage): TrustFindings {
  if (statement.predicateType !== verdictType) return [];
  const said = verdictLayers(statement);
  const layers = said && [...said.science.layers, ...said.interface.layers].join(" ");
  // An index has one statement for all its platforms, which names the layers of the first.
  if (image.digest !== image.descriptor.digest) return [];
  if (said?.verdict === "untouched" && layers === image.config.rootfs.diff_ids.join(" ")) return [];
  const what =
    said?.verdict === "untouched" ? "names other layers than it has" : `says ${said?.verdict ?? "nothing readable"}`;
  return [contradiction("verdict-disagrees", `the verdict that is attached to this image ${what}`)];
}
