/** What is asked of a cloud, whatever it calls that. */
export type Operation = 'create' | 'end' | 'look' | 'list' | 'console' | 'other';
