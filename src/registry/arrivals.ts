/**
 * Which blobs have come to which repositories. Docker's registry on a file system writes the mark of a blob anew each time it
 * is sent or mounted, and refuses a manifest that names it in that moment (MANIFEST_BLOB_UNKNOWN): images that share blobs
 * would break each other. So each blob is brought to a repository once.
 */
export class Arrivals {
  readonly #known = new Map<string, Promise<boolean>>();

  /**
   * True when the blob is there, by this call or by one before. Who comes while another brings it waits for that one; false
   * when that one could not, so that the next call tries by itself. Throws what its own `bring` throws.
   */
  async once(key: string, bring: () => Promise<boolean>): Promise<boolean> {
    const known = this.#known.get(key);
    if (known) return known;
    const own = bring();
    this.#known.set(
      key,
      own.catch(() => false),
    );
    try {
      const arrived = await own;
      if (!arrived) this.#known.delete(key);
      return arrived;
    } catch (failure) {
      this.#known.delete(key);
      throw failure;
    }
  }

  /** The blob is not there after all. */
  forget(key: string): void {
    this.#known.delete(key);
  }
}
