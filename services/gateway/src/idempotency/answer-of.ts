/** An answer that is not known when the transaction commits: it follows from how operations end. */
export class AnswerOf<M = unknown> {
  constructor(
    /** The request, as its operations name it. */
    readonly operationId: string,
    /** What the answer will be made from, as JSON; a repetition is given it back. */
    readonly memo: M,
  ) {}
}
