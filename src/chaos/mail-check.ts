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

/** An alarm, and whether it is over; whoever is to be told is told of both, once each. */
export interface ToldAlarm {
  readonly id: string
  readonly ended: boolean
}

export interface AlarmMailCheck {
  readonly notices: number
  readonly lost: number
  /** Of no alarm that there is, or of an end that did not come. */
  readonly astray: number
}

/**
 * Compares alarms with the mails that told of them, by the outbox ids in their Message-IDs. `before`: as they were when
 * the last mails were waited for; `after`: as they were when the mails were counted.
 */
export function checkAlarmMails(
  { before, after }: { readonly before: readonly ToldAlarm[]; readonly after: readonly ToldAlarm[] },
  outboxIds: readonly string[],
): AlarmMailCheck {
  const told = new Set(outboxIds.map((id) => id.split(':').slice(0, 3).join(':')))
  const allowed = new Set(after.flatMap(noticesOf))
  return {
    notices: told.size,
    lost: before.flatMap(noticesOf).filter((notice) => !told.has(notice)).length,
    astray: [...told].filter((notice) => !allowed.has(notice)).length,
  }
}

function noticesOf({ id, ended }: ToldAlarm): readonly string[] {
  return [`alarm:${id}:raised`, ...(ended ? [`alarm:${id}:cleared`] : [])]
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
