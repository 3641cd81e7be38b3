/** Every administrative act, and what it is; a part of Holdfast that has another one adds a line here. */
export const AUDIT_ACTS = {
  'node.drain': 'A node gives its conversations away.',
  'node.disable': 'A node opens no new conversations.',
  'node.enable': 'A node opens new conversations again.',
  'node.kill': 'A node is killed.',
  'node.pause': 'A node is stopped for a while.',
  'node.restart': 'A node restarts.',
  'conversation.move': 'A conversation is handed over to a node of the operator’s choice.',
  'token.issue': 'A staff token is made.',
  'config.change': 'Configuration documents change.',
  'config.rollback': 'The configuration is what it was before.',
  'asset.add': 'A file is taken in as an asset.',
  'asset.remove': 'An asset is removed.',
  'asset.collect': 'Assets are removed that no document speaks of.',
  'secret.set': 'A secret is set.',
  'secret.remove': 'A secret is removed.',
  'secret.rotate': 'All secrets are sealed by a new data key.',
  'outbox.replay': 'A dead letter of the outbox is tried again.',
  'outbox.drop': 'A dead letter of the outbox is given up.',
  'alarm.acknowledge': 'Somebody takes care of an alarm.',
  'alarm.close': 'An alarm is ended by hand.',
  'alarm.silence': 'Nobody is told of some alarms for a while.',
  'alarm.unsilence': 'A silence of alarms ends early.',
  'certificate.import': 'The certificate that people see is replaced.',
  'certificate.export': 'The certificate is given out, perhaps with its private key.',
  'certificate.issue': 'An authority is asked for a certificate.',
  'account.create': 'An account is made.',
  'account.change': 'An account is called otherwise, may something else, or is shut.',
  'account.remove': 'An account is removed.',
  'account.password': 'An account gets another password.',
  'session.end': 'A session is ended.',
  'set-up.balancer': 'A balancer before the nodes is said to speak HTTPS to people.',
  'set-up.mail': 'A test mail of the set-up was taken by a mail server.',
  'set-up.skip': 'A step of the set-up is left out.',
  'api-key.create': 'An API key is made.',
  'api-key.revoke': 'An API key is revoked.',
} as const satisfies Record<string, string>

export type AuditAct = keyof typeof AUDIT_ACTS

/** Who acts, and from where. */
export interface AuditActor {
  /** The subject of the token. */
  readonly subject: string
  readonly name: string
  /** The address that the request came from. */
  readonly from: string
}

/** What somebody is about to do. `before` and `after` are told without secrets, whatever is given here. */
export interface AuditedAct {
  readonly act: AuditAct
  /** What it is done to: a node, a conversation, `secret/mail-password`. */
  readonly on: string
  readonly reason?: string
  readonly before?: unknown
  readonly after?: unknown
  /** Where the act itself has a key that makes it happen once: sent again, it is not recorded again. */
  readonly key?: string
}

/** How it went. `nothing`: it did not take place and is not recorded; `unknown`: it may have. */
export interface Performed<Outcome> {
  readonly outcome: Outcome
  readonly happened: 'done' | 'nothing' | 'unknown'
  readonly before?: unknown
  readonly after?: unknown
}

/** The body of a record: JSON in this order. */
export interface AuditEntry {
  readonly act: AuditAct
  readonly on: string
  readonly who: AuditActor
  /** The node that was asked. */
  readonly node: string
  /** Milliseconds since 1970 by that node's clock: what was recorded late took place then. */
  readonly nodeAt: number
  readonly happened: 'done' | 'unknown'
  readonly reason?: string
  readonly before?: unknown
  readonly after?: unknown
}
