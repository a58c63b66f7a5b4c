/** Asks one question on the terminal. Undefined when the input ends before there is a line (Ctrl-D); rejects when stopped. */
export type Prompt = (question: string, signal: AbortSignal) => Promise<string | undefined>;

/** Ctrl-C reaches the program as the signal it would be without a question. */
export const terminalPrompt: Prompt = async (question, signal) => {
  const { createInterface } = await import("node:readline/promises");
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const ended = new Promise<undefined>((done) => reader.on("close", () => done(undefined)));
  const answer = reader.question(question, { signal });
  // Once the input has ended, nothing settles it but the closing below.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, ended]);
  } finally {
    reader.close();
  }
};
