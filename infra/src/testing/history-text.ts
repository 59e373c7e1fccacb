/** All the text of a history of Temporal, in the JSON of its command line, its payloads decoded. */
export function historyText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(historyText).join('\n');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, member]) => {
      const coded = name === 'data' && typeof member === 'string';
      return coded ? Buffer.from(member, 'base64').toString('utf8') : `${name} ${historyText(member)}`;
    })
    .join('\n');
}
