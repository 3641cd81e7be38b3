/** What one certificate says of itself. Times are milliseconds since 1970. */
export interface CertificateFacts {
  /** `CN=chat.example.com` */
  readonly subject: string
  readonly issuer: string
  /** Host names and addresses that it is good for, in small letters: `chat.example.com`, `*.example.com`, `10.1.2.3`. */
  readonly names: readonly string[]
  readonly beginsAtMs: number
  readonly endsAtMs: number
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string
}

/** A private key with its chain, as far as judging them needs. */
export interface ChainFacts {
  /** As they are sent to clients: the server's own first, each signed by the next. */
  readonly chain: readonly CertificateFacts[]
  /** For each but the last: whether the next one signed it. */
  readonly linked: readonly boolean[]
  readonly keyMatches: boolean
  /** The last one signed itself. */
  readonly endsInItself: boolean
  /** Programs on this machine know who signed the last one. */
  readonly rootKnown: boolean
}

export interface CertificateFault {
  readonly code:
    | 'empty'
    | 'wrong-key'
    | 'wrong-order'
    | 'no-names'
    | 'other-name'
    | 'not-begun'
    | 'ended'
    | 'ends-soon'
    | 'self-signed'
    | 'chain-not-whole'
  /** `unfit`: clients would refuse it, so it is not taken. `warning`: some would, or soon. */
  readonly gravity: 'unfit' | 'warning'
  readonly sentence: string
}

/** `renew`: an automatic renewal begins. `soon` and `urgent` have alarms: the renewal has failed, or there is none. */
export type ExpiryStage = 'good' | 'renew' | 'soon' | 'urgent' | 'ended'

export interface Expiry {
  readonly stage: ExpiryStage
  /** How many of the alarms are due: 0 none, 1 to 3 as the end comes nearer, 4 where it ended. */
  readonly step: number
  /** Whole days; negative where it ended. */
  readonly daysLeft: number
  readonly sentence: string
}

const DAY_MS = 86_400_000
// Shares of the whole life, so that certificates of six days and of a year are both renewed in time. An alarm comes so
// many days before the end, but not before its share of the life: of what lives for thirty days, thirty are no news.
const RENEW_SHARE = 1 / 3
const ALARM_SHARES = [1 / 4, 1 / 6, 1 / 12] as const

/** Days before the end at which it is told, unless operators say otherwise. */
export const ALARM_DAYS: readonly number[] = [30, 14, 3]

/** How near the end of a certificate is, for renewals and alarms. `alarmDays`: three, the most first. */
export function decideExpiry(
  { beginsAtMs, endsAtMs }: Pick<CertificateFacts, 'beginsAtMs' | 'endsAtMs'>,
  nowMs: number,
  alarmDays: readonly number[] = ALARM_DAYS,
): Expiry {
  const leftMs = endsAtMs - nowMs
  const lifeMs = Math.max(0, endsAtMs - beginsAtMs)
  const daysLeft = Math.floor(leftMs / DAY_MS)
  const last = ALARM_SHARES.length
  if (leftMs <= 0)
    return { stage: 'ended', step: last + 1, daysLeft, sentence: `The certificate ended ${days(-daysLeft)} ago.` }
  const sentence = `The certificate is good for another ${days(daysLeft)}.`
  const due = (share: number, step: number) => leftMs <= Math.min(lifeMs * share, (alarmDays[step] ?? 0) * DAY_MS)
  const step = ALARM_SHARES.filter(due).length
  if (step > 0) return { stage: step === last ? 'urgent' : 'soon', step, daysLeft, sentence }
  return { stage: leftMs <= lifeMs * RENEW_SHARE ? 'renew' : 'good', step, daysLeft, sentence }
}

/**
 * Everything that is wrong with a certificate, in sentences. `hosts`: the names by which people reach the system;
 * none where that is not known.
 */
export function judgeCertificate(
  facts: ChainFacts,
  want: { readonly hosts: readonly string[]; readonly nowMs: number },
): readonly CertificateFault[] {
  const [own] = facts.chain
  if (!own) return [unfit('empty', 'There is no certificate in it.')]
  return [
    ...keyFaults(facts, own),
    ...orderFaults(facts),
    ...nameFaults(own, want.hosts),
    ...timeFaults(facts.chain, want.nowMs),
    ...rootFaults(facts),
  ]
}

/** Whether a certificate for `names` is good for `host`: a star stands for one label, never for an address. */
export function namesCover(names: readonly string[], host: string): boolean {
  const wanted = host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
  const wild = wanted.replace(/^[^.]+/, '*')
  const isAddress = wanted.includes(':') || /^[\d.]+$/.test(wanted)
  return names.some((name) => name === wanted || (!isAddress && wild.includes('.') && name === wild))
}

function keyFaults({ keyMatches }: ChainFacts, own: CertificateFacts): readonly CertificateFault[] {
  if (keyMatches) return []
  return [unfit('wrong-key', `The private key is not that of the certificate of ${own.subject}.`)]
}

function orderFaults({ chain, linked }: ChainFacts): readonly CertificateFault[] {
  const at = linked.indexOf(false)
  const [one, other] = [chain[at], chain[at + 1]]
  if (!one || !other) return []
  return [
    unfit(
      'wrong-order',
      `${one.subject} was signed by ${one.issuer}, but ${other.subject} follows it: each certificate must be followed by the one that signed it.`,
    ),
  ]
}

function nameFaults({ subject, names }: CertificateFacts, hosts: readonly string[]): readonly CertificateFault[] {
  if (names.length === 0)
    return [unfit('no-names', `The certificate of ${subject} names no host; browsers do not look at its subject.`)]
  return hosts
    .filter((host) => !namesCover(names, host))
    .map((host) => unfit('other-name', `The certificate is for ${names.join(', ')}, not for ${host}.`))
}

function timeFaults(chain: readonly CertificateFacts[], nowMs: number): readonly CertificateFault[] {
  return chain.flatMap(({ subject, beginsAtMs, endsAtMs }, index): readonly CertificateFault[] => {
    if (beginsAtMs > nowMs)
      return [
        unfit(
          'not-begun',
          `The certificate of ${subject} is not good yet: it begins in ${days(Math.ceil((beginsAtMs - nowMs) / DAY_MS))}.`,
        ),
      ]
    const { stage, daysLeft } = decideExpiry({ beginsAtMs, endsAtMs }, nowMs)
    if (stage === 'ended') return [unfit('ended', `The certificate of ${subject} ended ${days(-daysLeft)} ago.`)]
    // Those of authorities are replaced by whoever issues, together with the server's own.
    if (index > 0 || !(stage === 'soon' || stage === 'urgent')) return []
    return [warning('ends-soon', `The certificate of ${subject} is good for another ${days(daysLeft)} only.`)]
  })
}

function rootFaults({ chain, endsInItself, rootKnown }: ChainFacts): readonly CertificateFault[] {
  const last = chain.at(-1)
  if (!last || rootKnown) return []
  if (endsInItself && chain.length === 1)
    return [warning('self-signed', `The certificate of ${last.subject} signed itself: browsers warn of it.`)]
  if (endsInItself)
    return [warning('chain-not-whole', `The chain ends at ${last.subject}, which only those trust who were told to.`)]
  return [
    warning(
      'chain-not-whole',
      `The chain is not whole: nobody here knows ${last.issuer}, which signed ${last.subject}. Add its certificate.`,
    ),
  ]
}

function unfit(code: CertificateFault['code'], sentence: string): CertificateFault {
  return { code, gravity: 'unfit', sentence }
}

function warning(code: CertificateFault['code'], sentence: string): CertificateFault {
  return { code, gravity: 'warning', sentence }
}

function days(count: number): string {
  return count === 1 ? '1 day' : `${count} days`
}
