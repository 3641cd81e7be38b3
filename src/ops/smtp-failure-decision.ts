import type { EffectOutcome } from './effect-decision.ts'

/** What a mail server, or the way to it, said of a mail that was not taken. */
export interface SmtpFailure {
  /** The command it was an answer to: `CONN`, `AUTH PLAIN`, `MAIL FROM`, `RCPT TO`, `DATA`; `API`: it never got so far. */
  readonly command?: string | undefined
  readonly code?: string | undefined
  /** RFC 5321, 4.2.1: 4yz may pass, 5yz is for good. */
  readonly responseCode?: number | undefined
  readonly message: string
}

/**
 * Only a 5yz about this very mail, its recipient or its content, is for good. One about how we come there (greeting,
 * sign-in, sender) tells of settings, which somebody will mend: that mail waits, and is sent then.
 */
export function smtpFailure({ command = '', code, responseCode = 0, message }: SmtpFailure): EffectOutcome {
  const aboutThisMail = command === 'RCPT TO' || command === 'DATA'
  const unspeakable = code === 'EENVELOPE' && command === 'API'
  const forGood = unspeakable || (aboutThisMail && responseCode >= 500)
  return { kind: forGood ? 'never' : 'later', reason: message }
}
