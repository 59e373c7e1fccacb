/** Texts that keep a name. Some vary without end, by the length of a list: those beyond are planned each time. */
const MOST_NAMED = 500;

/**
 * Names statements by their text, so that each connection parses and plans a text once instead of every time. One of
 * these per pool: a name must never mean two texts on one connection.
 */
export function statementNames(most = MOST_NAMED): (statement: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // No name at all, to the driver.
    if (names.size >= most) return '';
    const name = `holdfast_${names.size}`;
    names.set(sql, name);
    return name;
  };
}
