// Without letters that are mistaken for others when a password is read out or typed from paper.
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const GROUP_LENGTH = 5

/** A password that nobody guesses: 20 of 31 letters are 99 bits. */
export function madePassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, letter).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}

/** Each as likely as the others: bytes above the last whole row of the alphabet are thrown again. */
function letter(): string {
  for (;;) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
    if (byte < 256 - (256 % LETTERS.length)) return LETTERS[byte % LETTERS.length] ?? ''
  }
}
