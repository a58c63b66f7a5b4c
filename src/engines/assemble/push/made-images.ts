import { formatReference, parseReference } from "../../../oci/reference.ts";
import type { StageState } from "../evaluate/stage-state.ts";
import type { FinishedImage } from "./finish-image.ts";

/** An image of this run that is not necessarily anywhere else. */
export interface MadeImage {
  /** Its files; forgotten once the image is somewhere else, for they may be many. */
  readonly state: StageState | undefined;
  readonly finished: FinishedImage;
  /** The stable tag, behind which an earlier image of the same kind may be. */
  readonly previous: string;
  readonly kind: "science" | "compat" | "payload";
}

/** What an engine has made in this run, by tag and by digest. */
export class MadeImages {
  readonly #byName = new Map<string, MadeImage>();
  readonly #byDigest = new Map<string, MadeImage>();

  add(name: string, image: MadeImage): void {
    this.#byName.set(nameOf(name), image);
    this.#byDigest.set(image.finished.manifest.descriptor.digest, image);
  }

  forgetFiles(name: string): void {
    const known = this.find(name);
    if (known)
      this.add(name, {
        ...known,
        state: undefined,
        finished: { ...known.finished, index: forgotten, facts: forgotten },
      });
  }

  /** By its digest where the reference has one. */
  find(reference: string): MadeImage | undefined {
    const digest = parseReference(reference)?.digest;
    return digest ? this.#byDigest.get(digest) : this.#byName.get(nameOf(reference));
  }
}

function nameOf(text: string): string {
  const reference = parseReference(text);
  return reference ? formatReference(reference) : text;
}

const forgotten = (): Promise<never> => Promise.reject(new Error("the files of a pushed image are not kept"));
