const LENGTH_MIN = 12
/** Longer ones would only cost time. */
export const PASSWORD_LENGTH_MAX = 200
const CHARACTERS_MIN = 5

/**
 * What is wrong with a password that somebody wants, in a sentence. Length is what makes guessing long; nobody is asked
 * for digits and signs, which make passwords only harder to remember (NIST SP 800-63B, 5.1.1.2).
 */
export function passwordFault(password: string, name: string): string | undefined {
  const characters = [...normalPassword(password)]
  if (characters.length < LENGTH_MIN) return `A password has at least ${LENGTH_MIN} characters.`
  if (characters.length > PASSWORD_LENGTH_MAX) return `A password has at most ${PASSWORD_LENGTH_MAX} characters.`
  if (new Set(characters).size < CHARACTERS_MIN)
    return `A password has at least ${CHARACTERS_MIN} different characters.`
  const small = password.toLowerCase()
  if (name.length >= 4 && small.includes(name.toLowerCase()))
    return 'The name of the account is no part of its password.'
  return undefined
}

/** The same password, whichever keyboard wrote its accents. */
export function normalPassword(password: string): string {
  return password.normalize('NFKC')
}
