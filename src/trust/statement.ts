import { z } from "zod";
import packageDocument from "../../package.json" with { type: "json" };
import type { Examination, Examined, FreezeFinding, ScienceTests } from "../freeze/model.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import { type Digest, digestHex } from "../oci/digest.ts";
import { parseDocument } from "../oci/untrusted.ts";
import { verdictType } from "../published/published-at.ts";
import { type FreezeVerdict, outcomes } from "../resolve/model.ts";
import type { Drift, ResolvesAnswer, ScienceVerdict } from "./model.ts";

/** https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/statement.md */
export const statementType = "https://in-toto.io/Statement/v1";

/** https://github.com/in-toto/attestation/blob/v1.1.0/spec/v1/envelope.md */
export const statementMediaType = "application/vnd.in-toto+json";

/** What a publish says of the science part of an image. Layers are digests of their uncompressed content, lowest first. */
export interface VerdictPredicate {
  readonly verdict: ScienceVerdict;
  /** `nist-basic:1.0-42-f90dbd6` */
  readonly image: string;
  readonly science: { readonly reference: string; readonly digest: Digest; readonly layers: readonly Digest[] };
  readonly interface: { readonly layers: readonly Digest[]; readonly drift: readonly Drift[] };
  /** What users of the science image find in this one. */
  readonly resolves?: ResolvesPredicate;
  readonly builder: { readonly id: string };
  /** RFC 3339. */
  readonly publishedAt: string;
}

interface ResolvesPredicate {
  readonly verdict: FreezeVerdict;
  readonly doors: Examination["doors"];
  /** `excepted`: the reason that the catalogue gives. */
  readonly differences: readonly FreezeFinding[];
  /** Why nothing was examined. */
  readonly problems: readonly string[];
  readonly tests: ScienceTests;
}

/** What a statement says of an examined image; undefined where nobody was to look. */
export function resolvesPredicate(examined: Examined | undefined): ResolvesPredicate | undefined {
  if (!examined?.examination) return undefined;
  const { resolves: verdict, doors, findings, problems } = examined.examination;
  return { verdict, doors, differences: findings, problems, tests: examined.tests };
}

export interface Statement {
  readonly predicateType: string;
  /** Digests (sha256, hexadecimal) of what it speaks of. */
  readonly subjects: readonly string[];
  readonly predicate: unknown;
}

export const builderId = `image-builder ${packageDocument.version}`;

/** The bytes of a statement about one image. `name`: its repository, without tag. */
export const verdictStatement = (name: string, digest: Digest, predicate: VerdictPredicate): Buffer =>
  canonicalJson({
    _type: statementType,
    subject: [{ name, digest: { sha256: digestHex(digest) } }],
    predicateType: verdictType,
    predicate,
  });

/** Reads a statement of any kind that came from outside. Throws `FailedError`. */
export function parseStatement(bytes: Uint8Array): Statement {
  const { subject, predicateType, predicate } = parseDocument(statementSchema, bytes, "the attached statement");
  return { predicateType, predicate, subjects: subject.flatMap(({ digest }) => digest?.sha256 ?? []) };
}

/** Layers that a verdict of ours speaks of; undefined for any other predicate. */
export function verdictLayers({ predicateType, predicate }: Statement): VerdictLayers | undefined {
  return predicateType === verdictType ? verdictSchema.safeParse(predicate).data : undefined;
}

const verdictSchema = z.looseObject({
  verdict: z.string(),
  science: z.looseObject({ layers: z.array(z.string()) }),
  interface: z.looseObject({ layers: z.array(z.string()) }),
  resolves: z
    .looseObject({
      verdict: z.enum(outcomes),
      differences: z
        .array(z.looseObject({ says: z.string(), stops: z.boolean(), excepted: z.string().optional() }))
        .max(1000),
      tests: z.looseObject({ state: z.string(), why: z.string().optional() }).optional(),
    })
    .optional(),
});

/** What a verdict of ours says of what resolves; undefined where it says nothing. */
export function statedResolves(statement: Statement): ResolvesAnswer | undefined {
  const said = verdictLayers(statement)?.resolves;
  if (!said) return undefined;
  const { verdict, differences, tests } = said;
  return {
    verdict,
    differences: differences.map(({ says, excepted }) =>
      excepted === undefined ? says : `${says} (it may: ${excepted})`,
    ),
    accepted: verdict !== "not examined" && differences.every(({ stops }) => !stops),
    ...(tests && { tests: tests.why === undefined ? tests.state : `${tests.state} (${tests.why})` }),
  };
}

type VerdictLayers = z.infer<typeof verdictSchema>;

/** Version 0.1 differs in nothing that is read here; cosign 2 still writes it. */
const statementSchema = z.looseObject({
  _type: z.enum([statementType, "https://in-toto.io/Statement/v0.1"]),
  subject: z.array(z.looseObject({ digest: z.looseObject({ sha256: z.string().optional() }).optional() })).max(10_000),
  predicateType: z.string().max(1000),
  predicate: z.unknown().optional(),
});
