/** What may be asked of a workspace, in the order in which one workspace can live through all of it. */
export const verbs = ['create', 'restart', 'pause', 'resume', 'hibernate', 'wake', 'collapse', 'delete'] as const;
export type Verb = (typeof verbs)[number];

/** Some workspaces, or what they are compared with, that live through the verbs together. */
export interface Lives {
  /** Makes what the verb needs on so many of them; it is not measured. */
  prepare(verb: Verb, size: number): Promise<void>;
  /** The verb on one of them, to its end. */
  act(verb: Verb, turn: number): Promise<void>;
  /** Processor time of all that works on them so far, in milliseconds; left out where it cannot be told. */
  spentMs?(): number;
}
