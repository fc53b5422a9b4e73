/** Ids made in the page: ULIDs, ascending in the order they are made. */

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

let lastTime = 0;
let lastRandom: number[] = [];

/** A new ULID (github.com/ulid/spec): 48 bits of time, 80 random bits; ascending within the page. */
export function newId(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now;
    lastRandom = Array.from(crypto.getRandomValues(new Uint8Array(RANDOM_DIGITS)), x => x & 31);
  } else {
    increment(lastRandom);
  }
  return timeDigits(lastTime) + lastRandom.map(digit).join('');
}

/** Add one to a number of base 32, most significant digit first. */
function increment(digits: number[]): void {
  for (let i = digits.length - 1; i >= 0; i -= 1) {
    const next = (digits[i] ?? 0) + 1;
    digits[i] = next & 31;
    if (next < 32) {
      return;
    }
  }
}

function timeDigits(time: number): string {
  let text = '';
  let rest = time;
  for (let i = 0; i < TIME_DIGITS; i += 1) {
    text = digit(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function digit(value: number): string {
  return DIGITS.charAt(value);
}
