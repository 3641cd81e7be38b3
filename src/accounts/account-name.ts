/** What an account may be called: what people type at a door, on any keyboard. */
export const ACCOUNT_NAME = /^[a-z0-9][a-z0-9._@+-]{0,62}$/

/** The name that somebody typed, or the nearest one to what another system calls a person. */
export function accountNameOf(text: string): string | undefined {
  const name = text.trim().toLowerCase().slice(0, 63)
  return ACCOUNT_NAME.test(name) ? name : undefined
}
