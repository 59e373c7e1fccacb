/** The largest number a tier or a count can have: what its column holds. */
export const INT32 = 2_147_483_647;

/** True for text without characters that would have a meaning in the agent's configuration file. */
export const isPlain = (text: string): boolean => !/[\r\n{}[\]|>*&!]/.test(text);

/** A pattern, not a rule of our own: the API document shows it. */
export const oneLinePattern = /^[^\r\n]*$/;
