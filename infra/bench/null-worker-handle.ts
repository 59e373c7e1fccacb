import type { Child } from './child.ts';

/** What the null worker tells; instants are in milliseconds of the machine's clock. */
export type Mark =
  | { readonly mark: 'started'; readonly workspaceId: string; readonly at: number }
  /** `visible`: when a reader of the API first saw it online; only when probing. */
  | {
      readonly mark: 'registered';
      readonly workspaceId: string;
      readonly sent: number;
      readonly answered: number;
      readonly visible?: number;
    }
  | { readonly mark: 'broken'; readonly text: string };

/** The bench's end of the null worker. */
export class NullWorker {
  readonly child: Child;
  private listener: (mark: Mark) => void = () => undefined;

  constructor(child: Child) {
    this.child = child;
    child.onMessage((mark: Mark) => {
      if (mark.mark === 'broken') child.fail(new Error(`the null worker: ${mark.text}`));
      else this.listener(mark);
    });
  }

  onMark(listener: (mark: Mark) => void): void {
    this.listener = listener;
  }

  /** Whether the agents look, after their register, until the API says that they are online. */
  probe(on: boolean): void {
    this.child.send({ probe: on });
  }
}
