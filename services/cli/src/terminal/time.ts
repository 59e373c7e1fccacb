const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took, for people: "12 ms", "3.4 s", "2m 05s", "3h 12m", "9d 04h". */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 1_000) return `${Math.round(whole)} ms`;
  if (whole < MINUTE) return `${(Math.floor(whole / 100) / 10).toFixed(1)} s`;
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}m ${two((whole % MINUTE) / SECOND)}s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)}h ${two((whole % HOUR) / MINUTE)}m`;
  return `${Math.floor(whole / DAY)}d ${two((whole % DAY) / HOUR)}h`;
}

/** How long ago something was, in one unit: "5s", "12m", "3h", "9d". Empty for what never was. */
export function age(timestamp: string | null | undefined, now: number): string {
  const ms = timestamp ? Math.max(0, now - Date.parse(timestamp)) : Number.NaN;
  if (Number.isNaN(ms)) return '';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h`;
  return `${Math.floor(ms / DAY)}d`;
}

/** Milliseconds between two timestamps; undefined while one of them is missing. */
export function between(from: string | null | undefined, to: string | null | undefined): number | undefined {
  const ms = from && to ? Date.parse(to) - Date.parse(from) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

const units: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** Milliseconds of "90s", "10m", "1h30m", "250ms" or a number of seconds; undefined when it is none of them. */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * SECOND;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    ms += Number(amount) * (units[unit ?? ''] ?? 0);
  return ms;
}

/** The day and the time of day of a moment, where the reader is: "2026-01-31" and "08:05:09". */
export function clock(timestamp: string): { readonly date: string; readonly time: string } {
  const at = new Date(timestamp);
  const two = (part: number): string => String(part).padStart(2, '0');
  return {
    date: `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`,
    time: `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
  };
}
