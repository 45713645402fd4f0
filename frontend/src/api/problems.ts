import type { Problem } from "./generated";

/** The server answered, and said what is wrong (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  /** The last word of its type: `not-signed-in`, `wrong-credentials`… or `about:blank`. */
  get slug(): string {
    return this.problem.type.replace("urn:reconsite:problem:", "");
  }
}

/** Nobody answered: the network or the server is down. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor(cause: unknown) {
    super("The server cannot be reached.", { cause });
  }
}

export function isProblem(error: unknown, status: number): error is ProblemError {
  return error instanceof ProblemError && error.status === status;
}
