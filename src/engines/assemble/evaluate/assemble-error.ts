/** Something in a Dockerfile that cannot be done on this base or with these files. The engine adds the place. */
export class AssembleError extends Error {
  readonly help: string | undefined;

  constructor(message: string, help?: string) {
    super(message);
    this.name = "AssembleError";
    this.help = help;
  }
}
