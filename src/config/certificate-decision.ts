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

/** `renew`: an automatic renewal begins. `soon` and `urgent` are alarms: the renewal has failed, or there is none. */
export type ExpiryStage = 'good' | 'renew' | 'soon' | 'urgent' | 'ended'

export interface Expiry {
  readonly stage: ExpiryStage
  /** Whole days; negative where it ended. */
  readonly daysLeft: number
  readonly sentence: string
}

const DAY_MS = 86_400_000
// Shares of the whole life, so that certificates of six days and of a year are both renewed in time; the alarms never
// come earlier than a person would want to hear of it.
const RENEW_SHARE = 1 / 3
const SOON = { share: 1 / 4, daysMax: 21 } as const
const URGENT = { share: 1 / 12, daysMax: 7 } as const

/** How near the end of a certificate is, for renewals and alarms. */
export function decideExpiry(
  { beginsAtMs, endsAtMs }: Pick<CertificateFacts, 'beginsAtMs' | 'endsAtMs'>,
  nowMs: number,
): Expiry {
  const leftMs = endsAtMs - nowMs
  const lifeMs = Math.max(0, endsAtMs - beginsAtMs)
  const daysLeft = Math.floor(leftMs / DAY_MS)
  const within = ({ share, daysMax }: typeof SOON | typeof URGENT) =>
    leftMs <= Math.min(lifeMs * share, daysMax * DAY_MS)
  if (leftMs <= 0) return { stage: 'ended', daysLeft, sentence: `The certificate ended ${days(-daysLeft)} ago.` }
  const sentence = `The certificate is good for another ${days(daysLeft)}.`
  if (within(URGENT)) return { stage: 'urgent', daysLeft, sentence }
  if (within(SOON)) return { stage: 'soon', daysLeft, sentence }
  return { stage: leftMs <= lifeMs * RENEW_SHARE ? 'renew' : 'good', daysLeft, sentence }
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
