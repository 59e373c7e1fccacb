interface Sizes {
  readonly usual: number;
  readonly full: number;
}

/** How many verbs a run asks for: HOLDFAST_PROPERTY=full asks for many, HOLDFAST_PROPERTY_VERBS for as many as it says. */
export const verbsAsked = ({ usual, full }: Sizes): number =>
  Number(process.env['HOLDFAST_PROPERTY_VERBS'] ?? (process.env['HOLDFAST_PROPERTY'] === 'full' ? full : usual));

/** How many rounds a race has: HOLDFAST_RACES=full asks for many. */
export const roundsOf = ({ usual, full }: Sizes): number => (process.env['HOLDFAST_RACES'] === 'full' ? full : usual);
