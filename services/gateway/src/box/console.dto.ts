import { z } from 'zod';

export const ConsoleView = z.object({ output: z.string() }).meta({ id: 'Console' });
export type ConsoleView = z.output<typeof ConsoleView>;
