import { error } from "../../diagnostics/diagnostic.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import { redact } from "../../diagnostics/redact.ts";
import { type Environment, type ProcessResult, printableCommand } from "../processes.ts";

/** What is missing, told from what the client said. */
export function noEngine(
  command: readonly string[],
  { code, stderr }: ProcessResult,
  environment: Environment,
): FailedError {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  const notes = [
    `"${printableCommand(command)}" ended with exit code ${code}`,
    ...(said === "" ? [] : [said]),
    "where no instruction must run in a container, no engine is needed: --output oci:DIR, or --push",
  ];
  const { message, help } = explain(code, said, environment);
  return new FailedError([error("no-engine", message, { notes: notes.map((each) => ({ message: each })), help })]);
}

function explain(code: number, said: string, environment: Environment): { message: string; help: string } {
  const host = environment["DOCKER_HOST"];
  if (code === 127) {
    return {
      message: "building needs a Docker engine, and there is no docker command",
      help: "install Docker (on Debian: apt-get install docker.io), or put its client on PATH",
    };
  }
  if (/permission denied/i.test(said)) {
    return {
      message: "the Docker engine is there, but this user may not use it",
      help: 'add the user to the group of its socket (sudo usermod -aG docker "$USER", then log in again)',
    };
  }
  return host === undefined || host === ""
    ? {
        message: "no Docker engine answers",
        help: "start it (sudo systemctl start docker), or set DOCKER_HOST to where it listens",
      }
    : {
        message: `no Docker engine answers at ${redact(host)}, which DOCKER_HOST names`,
        help: "start it, or change DOCKER_HOST",
      };
}
