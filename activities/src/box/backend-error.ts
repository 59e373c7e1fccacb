/** What can go wrong at a backend, with a sentence that may be shown to anybody. */
export const backendProblems = {
  unreachable: { says: 'the backend does not answer', final: false },
  failed: { says: 'the backend failed', final: false },
  busy: { says: 'another worker is changing this workspace', final: false },
  refused: { says: 'the backend refused the request', final: true },
  imageMissing: { says: 'the image is neither on the engine nor to be pulled', final: true },
  nameTaken: { says: 'something of another owner has the name of this box', final: true },
  newer: { says: 'a newer box of this workspace exists', final: true },
  stopped: { says: 'the box was stopped before it could start', final: true },
  credentialsGone: { says: 'the box has registered and is gone since', final: true },
  crashed: { says: 'the agent ended before it listened', final: true },
  denied: { says: 'the control plane does not accept the credential of this platform', final: true },
  ending: { says: 'the cloud has not ended it yet', final: false },
  unverifiable: { says: 'cannot verify: the control plane does not tell boxes by their owner', final: true },
  noBackend: { says: 'this host does not serve the backend of the box', final: true },
} as const;

export type BackendProblem = keyof typeof backendProblems;

/** A failure at a backend. Its message is for the worker's log; `says` is what may leave it. */
export class BackendError extends Error {
  readonly problem: BackendProblem;
  /** What the backend named as the reason, in words of ours that may leave the worker as well. */
  readonly reason: string | undefined;

  constructor(problem: BackendProblem, detail: string, cause?: unknown, reason?: string) {
    super(detail, cause === undefined ? {} : { cause });
    this.name = 'BackendError';
    this.problem = problem;
    this.reason = reason;
  }

  /** Whether trying again cannot help. */
  get final(): boolean {
    return backendProblems[this.problem].final;
  }

  get says(): string {
    return backendProblems[this.problem].says;
  }
}
