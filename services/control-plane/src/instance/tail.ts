/** The last bytes of a text, no character cut in two. */
export function tail(text: string, most: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= most) return text;
  return new TextDecoder().decode(bytes.subarray(bytes.length - most)).replace(/^\uFFFD+/, '');
}
