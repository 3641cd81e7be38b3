/** A mail as it came over the wire. */
export interface SunkMail {
  readonly messageId: string
  readonly to: string
}

export interface MailCheck {
  /** Conversations that ended and whose mail never came. */
  readonly lost: number
  /** More than one mail of a conversation that a mailbox cannot tell to be the same: another Message-ID. */
  readonly doubled: number
  /** Mails to nobody whose conversation ended. */
  readonly astray: number
  /** Mails that came again under their Message-ID: SMTP cannot do without. */
  readonly repeated: number
}

/** Compares who is owed a mail, each once, with what a mail server was handed. */
export function checkMails(owed: readonly string[], received: readonly SunkMail[]): MailCheck {
  const idsOf = new Map(owed.map((address) => [address, new Set<string>()]))
  let astray = 0
  for (const { to, messageId } of received) {
    const ids = idsOf.get(to)
    if (ids) ids.add(messageId)
    else astray += 1
  }
  const counts = [...idsOf.values()].map(({ size }) => size)
  const kept = counts.reduce((sum, size) => sum + size, 0)
  return {
    lost: counts.filter((size) => size === 0).length,
    doubled: counts.reduce((sum, size) => sum + Math.max(0, size - 1), 0),
    astray,
    repeated: received.length - astray - kept,
  }
}
