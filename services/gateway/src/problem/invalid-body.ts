/** One thing wrong with a body. */
export interface BodyIssue {
  readonly path: string;
  readonly says: string;
  /** A value of the wrong type, or JSON that is none: answered with the route's generic text. */
  readonly wrongType: boolean;
}

/** A body that is not what its route takes. */
export class InvalidBody extends Error {
  readonly issues: readonly BodyIssue[];

  constructor(issues: readonly BodyIssue[] = []) {
    super('invalid body');
    this.name = 'InvalidBody';
    this.issues = issues;
  }

  /** The contract's text: types are judged before rules, and the first rule that is broken names itself. */
  text(routeText: string): string {
    const rule = this.issues[0];
    return !rule || this.issues.some((issue) => issue.wrongType) ? routeText : rule.says;
  }
}
