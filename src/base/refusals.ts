/**
 * Every refusal that Holdfast gives, in one place; `docs/reference/errors.md` is compared with this table in both
 * directions. `definite`: the command is not in the log and never will be under this attempt. `retry`: what the sender
 * should do with the same key.
 */
export const REFUSALS = {
  malformed: {
    definite: true,
    http: 400,
    retry: 'never',
    meaning: 'The frame or request is not what the protocol allows.',
  },
  'too-large': {
    definite: true,
    http: 413,
    retry: 'never',
    meaning: 'The frame, text or request is larger than the limit.',
  },
  'bad-text': {
    definite: true,
    http: 400,
    retry: 'never',
    meaning: 'The text holds U+0000 or half of a surrogate pair.',
  },
  'token-missing': { definite: true, http: 401, retry: 'with a token', meaning: 'No token was given.' },
  'token-invalid': {
    definite: true,
    http: 401,
    retry: 'with another token',
    meaning: 'The token was not made by this system.',
  },
  'token-expired': {
    definite: true,
    http: 401,
    retry: 'with a fresh token',
    meaning: 'The token was good once; refresh it.',
  },
  'sign-in-failed': {
    definite: true,
    http: 401,
    retry: 'with other words',
    meaning: 'Name and password do not belong together, or the account may not sign in.',
  },
  'session-ended': { definite: true, http: 401, retry: 'after signing in', meaning: 'The session is over.' },
  'not-allowed': { definite: true, http: 403, retry: 'never', meaning: 'The token does not allow this.' },
  'unknown-conversation': {
    definite: true,
    http: 404,
    retry: 'never',
    meaning: 'There is no conversation of that name.',
  },
  'unknown-node': { definite: true, http: 404, retry: 'never', meaning: 'There is no live node of that name.' },
  'unknown-account': {
    definite: true,
    http: 404,
    retry: 'never',
    meaning: 'There is no account, session or API key of that name.',
  },
  'account-taken': { definite: true, http: 409, retry: 'never', meaning: 'Another account has that name.' },
  'last-admin': {
    definite: true,
    http: 409,
    retry: 'never',
    meaning: 'It is the last account that may change accounts; make another one first.',
  },
  'password-weak': {
    definite: true,
    http: 422,
    retry: 'with another password',
    meaning: 'The password is easy to guess.',
  },
  'conversation-closed': { definite: true, http: 409, retry: 'never', meaning: 'The conversation was closed.' },
  'key-reused': {
    definite: true,
    http: 409,
    retry: 'with another key',
    meaning: 'The same key came with another body.',
  },
  'out-of-order': {
    definite: true,
    http: 409,
    retry: 'in order',
    meaning: 'An earlier command of the same sender is missing; send it first.',
  },
  superseded: {
    definite: true,
    http: 409,
    retry: 'never',
    meaning: 'The sender said that everything below a later number is settled; this command came too late.',
  },
  'not-joined': { definite: true, http: 409, retry: 'after joining', meaning: 'The sender is not a participant.' },
  'already-joined': {
    definite: true,
    http: 409,
    retry: 'never',
    meaning: 'The participant is already in the conversation.',
  },
  'passed-on': {
    definite: true,
    http: 422,
    retry: 'never',
    meaning: 'The notice was given to everybody who is here now; notices of its name are not kept in the log.',
  },
  'rate-limited': { definite: false, http: 429, retry: 'later', meaning: 'Too many commands in a short time.' },
  'at-capacity': {
    definite: true,
    http: 503,
    retry: 'later',
    meaning: 'The servers have as many conversations as they may; running ones go on.',
  },
  draining: { definite: true, http: 503, retry: 'elsewhere', meaning: 'This node opens no new conversations.' },
  'store-unavailable': {
    definite: false,
    http: 503,
    retry: 'later',
    meaning: 'The store is away; nothing is acknowledged until it is back.',
  },
  busy: { definite: false, http: 503, retry: 'later', meaning: 'A queue of this conversation is full.' },
  'owner-unreachable': {
    definite: false,
    http: 503,
    retry: 'later',
    meaning: 'The owner did not answer in time; the command may or may not be in the log.',
  },
  'server-fault': {
    definite: false,
    http: 500,
    retry: 'later',
    meaning: 'The node met a fault of its own, and logged it; the command may or may not be in the log.',
  },
  'command-fault': {
    definite: true,
    http: 500,
    retry: 'never',
    meaning: 'The program failed at this command, and logged why; nothing of it was stored.',
  },
  'conversation-damaged': {
    definite: false,
    http: 500,
    retry: 'after a repair',
    meaning: 'What is stored of the conversation cannot be restored; it is set apart until an operator repaired it.',
  },
  'config-invalid': {
    definite: true,
    http: 422,
    retry: 'never',
    meaning: 'The configuration would not be right; nothing was stored. The answer lists all that is wrong.',
  },
  'config-conflict': {
    definite: true,
    http: 409,
    retry: 'never',
    meaning: 'Somebody else changed these documents meanwhile; nothing was stored. The answer shows both versions.',
  },
  'unknown-document': { definite: true, http: 404, retry: 'never', meaning: 'There is no such document.' },
  'unknown-dead-letter': {
    definite: true,
    http: 404,
    retry: 'never',
    meaning: 'The outbox has no dead letter of that id.',
  },
  'asset-unfit': {
    definite: true,
    http: 422,
    retry: 'with another file',
    meaning: 'The file is none that is taken as an asset; the message says why.',
  },
  'asset-in-use': {
    definite: true,
    http: 409,
    retry: 'after the documents changed',
    meaning: 'Documents speak of the asset; it stays.',
  },
  'unknown-asset': { definite: true, http: 404, retry: 'never', meaning: 'There is no such asset.' },
  'unknown-alarm': {
    definite: true,
    http: 404,
    retry: 'never',
    meaning: 'There is no alarm or silence of that id, or it is over.',
  },
  'unknown-secret': { definite: true, http: 404, retry: 'never', meaning: 'There is no secret of that name.' },
  'secrets-sealed': {
    definite: true,
    http: 409,
    retry: 'of another node',
    meaning: 'The master key of this node is not the one that is needed; nothing was changed.',
  },
  'certificate-unfit': {
    definite: true,
    http: 422,
    retry: 'with another certificate',
    meaning: 'Clients would refuse the certificate, or it cannot be read; the sentence says why.',
  },
  'no-certificate': { definite: true, http: 404, retry: 'never', meaning: 'The cluster has no public certificate.' },
  'version-unsupported': {
    definite: true,
    http: 426,
    retry: 'with another version',
    meaning: 'No protocol version in common.',
  },
} as const satisfies Record<string, { definite: boolean; http: number; retry: string; meaning: string }>

export type RefusalCode = keyof typeof REFUSALS

/** A refusal as a value: refusals are answers, not exceptions. */
export interface Refusal {
  readonly kind: 'refused'
  readonly code: RefusalCode
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number
  /** One sentence for a person, where the code alone does not say enough. */
  readonly detail?: string
}

/** Whether the refusal is for now: the same may be asked again, of anybody, without anything being changed before. */
export function isPassing({ code }: Refusal): boolean {
  const { retry } = REFUSALS[code]
  return retry === 'later' || retry === 'elsewhere'
}

export function refuse(code: RefusalCode, more: { retryAfterMs?: number; detail?: string } = {}): Refusal {
  return { kind: 'refused', code, ...more }
}
