/** The order of text by code points, as Python and SQLite sort it (JavaScript's `<` uses UTF-16). */

/** Compare two texts: negative, zero or positive, as Array.sort wants it. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // a surrogate stands for a code point above all others
      const high = Number(isSurrogate(x)) - Number(isSurrogate(y));
      return high === 0 ? x - y : high;
    }
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
