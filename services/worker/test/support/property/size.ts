/** How many verbs a run asks for: HOLDFAST_PROPERTY=full asks for many, HOLDFAST_PROPERTY_VERBS for as many as it says. */
export const verbsAsked = ({ usual, full }: { usual: number; full: number }): number =>
  Number(process.env['HOLDFAST_PROPERTY_VERBS'] ?? (process.env['HOLDFAST_PROPERTY'] === 'full' ? full : usual));
