import { error } from "../../../diagnostics/diagnostic.ts";
import { FailedError } from "../../../diagnostics/failure.ts";

/** Does what writes into the folder for temporary files; what the system refuses there is told with the folder. */
export async function writing<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw isRefusal(cause) ? refused(folder, cause) : cause;
  }
}

const refusals = new Set([
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EACCES",
  "EPERM",
  "ENOTDIR",
  "EMFILE",
  "ENFILE",
  "EIO",
  "EFBIG",
]);

const isRefusal = (cause: unknown): cause is NodeJS.ErrnoException =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" && refusals.has(cause.code);

const refused = (folder: string, cause: NodeJS.ErrnoException): FailedError =>
  new FailedError(
    [
      error("temporary-folder", `the layers that are made cannot be kept in ${folder}`, {
        notes: [{ message: cause.message }],
        help: "make room there, or set TMPDIR to a folder with more; nothing was published of this image",
      }),
    ],
    { cause },
  );
