import type { CertificateIssueRow, CertificateRow } from '../protocol/certificate-answers.ts'
import type { CertificateIssueBody } from '../protocol/certificate-schema.ts'
import type { SetUpFinding, SetUpState, SetUpStepRow } from '../protocol/set-up-answers.ts'
import { SET_UP_STEPS, type SetUpStepId } from '../protocol/set-up-steps.ts'

/** What a look at the database found. */
export type DatabaseLook =
  | {
      readonly kind: 'looked'
      readonly findings: readonly (SetUpFinding & { readonly wanted: string; readonly remedy: string })[]
      readonly roundTripMs: number
    }
  | { readonly kind: 'away'; readonly reason: string }

/** The certificate that was shown to whoever asked at an address. */
export interface ShownThere {
  /** Whether a browser without further knowledge would believe it; else why not. */
  readonly trusted: boolean
  readonly reason: string
  readonly fingerprint: string
  readonly names: readonly string[]
}

/** What a look at an address found: what its name means, and who answers there. */
export interface AddressLook {
  /** What the name servers say; empty: they know no such name. */
  readonly addresses: readonly string[]
  readonly reached: 'this cluster' | 'another' | 'nobody'
  /** Why it was not reached. */
  readonly reason: string
  /** Absent where it speaks no TLS. */
  readonly shown?: ShownThere
}

/** What people decided in the set-up that is to be seen nowhere else. */
export interface SetUpNotes {
  readonly skipped: readonly SetUpStepId[]
  /** A balancer before the nodes speaks HTTPS to people. */
  readonly balancer: boolean
  /** The last test mail that a server took. */
  readonly tested?: { readonly server: string; readonly from: string; readonly to: string; readonly at: number }
}

/** What the state of every step follows from. */
export interface SetUpFacts {
  readonly database: DatabaseLook
  /** `own`: what this node was started with, which wins. `central`: what the cluster is told. */
  readonly address: { readonly own: string; readonly central: string; readonly look?: AddressLook }
  readonly certificate: {
    /** Whether this node speaks TLS itself. */
    readonly nodeTls: boolean
    readonly present?: CertificateRow
    readonly issue?: CertificateIssueRow
  }
  readonly mail: { readonly server: string; readonly from: string }
  readonly administrators: number
  /** Nodes that live. */
  readonly nodes: number
  readonly notes: SetUpNotes
}

type Verdict = Omit<SetUpStepRow, 'id' | 'findings'> & { readonly findings?: readonly SetUpFinding[] }

const SLOW_MS = 100

/** How every step stands. What was left out on purpose and is still open is `skipped`; what is broken is not hidden by it. */
export function decideSetUp(facts: SetUpFacts): readonly SetUpStepRow[] {
  return SET_UP_STEPS.map(({ id, skipped }) => {
    const { findings = [], ...verdict } = VERDICTS[id](facts)
    if (verdict.state !== 'open' || skipped === undefined || !facts.notes.skipped.includes(id))
      return { id, ...verdict, findings }
    return { id, state: 'skipped', sentence: skipped, remedy: '', findings }
  })
}

/** Whether nothing is left to decide. */
export function isComplete(steps: readonly SetUpStepRow[]): boolean {
  return steps.every(({ state }) => state === 'done' || state === 'skipped')
}

const VERDICTS: Readonly<Record<SetUpStepId, (facts: SetUpFacts) => Verdict>> = {
  database: ({ database }) => databaseVerdict(database),
  address: addressVerdict,
  certificate: certificateVerdict,
  mail: mailVerdict,
  account: accountVerdict,
  join: joinVerdict,
}

function databaseVerdict(look: DatabaseLook): Verdict {
  if (look.kind === 'away')
    return told('failed', look.reason, 'Check that the database runs and that this node may reach it.')
  const roundTrip = {
    name: 'round trip',
    found: `${look.roundTripMs < 10 ? look.roundTripMs.toFixed(1) : Math.round(look.roundTripMs)} ms`,
    ok: look.roundTripMs <= SLOW_MS,
  }
  const findings = [...look.findings.map(({ name, found, ok }) => ({ name, found: found || 'empty', ok })), roundTrip]
  const faults = look.findings.filter(({ ok }) => !ok)
  if (faults.length > 0) {
    const sentence = faults.map(({ name, found, wanted }) => `${name} is ${found || 'empty'}, not ${wanted}.`).join(' ')
    return { ...told('failed', sentence, faults.map(({ remedy }) => remedy).join(' ')), findings }
  }
  const version = look.findings.find(({ name }) => name === 'version')?.found ?? ''
  const sentence = `PostgreSQL ${version}; what it acknowledges is safe; it answers within ${roundTrip.found}.`
  if (roundTrip.ok) return { ...told('done', sentence), findings }
  const remedy = 'Every message waits for the database once: bring the two nearer to each other.'
  return { ...told('done', sentence, remedy), findings }
}

function addressVerdict({ address: { own, central, look } }: SetUpFacts): Verdict {
  const url = own || central
  if (url === '' || !look)
    return told(
      'open',
      'None is set: each node gives its own address to clients and into links.',
      'Give the one address that people shall use, such as https://chat.example.com.',
    )
  const findings = lookFindings(look)
  const started = own !== '' && central !== '' && own !== central
  if (started)
    return {
      ...told(
        'failed',
        `This node was started with the public address ${own}, the cluster was told ${central}.`,
        'Start the nodes without --public-url (HOLDFAST_PUBLIC_URL), or set the same here.',
      ),
      findings,
    }
  const fault = addressFault(url, look)
  if (fault) return { ...fault, findings }
  return { ...told('done', `${url} leads to this cluster.`), findings }
}

/** What is wrong with an address that was looked at. */
export function addressFault(url: string, { addresses, reached, reason }: AddressLook): Verdict | undefined {
  const hostname = hostOf(url).replace(/:\d+$/, '')
  if (addresses.length === 0)
    return told(
      'failed',
      `The name servers that this node asks do not know ${hostname}.`,
      `Make a DNS record for ${hostname}: A or AAAA with the address of your balancer or nodes, or CNAME with its name. It may take some minutes to be known.`,
    )
  if (reached === 'this cluster') return undefined
  const where = `${hostname} means ${addresses.join(', ')}, but`
  if (reached === 'another')
    return told(
      'failed',
      `${where} something else answers there: ${reason}.`,
      'Let the name, or the balancer behind it, lead to the port on which the nodes serve.',
    )
  return told(
    'failed',
    `${where} nothing answers there: ${reason}.`,
    'Open the port in the firewall, and check that balancer and nodes listen there. Where this machine cannot reach its own public address, set it all the same and look from elsewhere.',
  )
}

function lookFindings({ addresses, reached, reason }: AddressLook): readonly SetUpFinding[] {
  return [
    { name: 'name', found: addresses.join(', ') || 'not known', ok: addresses.length > 0 },
    { name: 'leads to', found: reached === 'this cluster' ? reached : reason, ok: reached === 'this cluster' },
  ]
}

const BRING = 'Import a certificate or have one issued, or say that a balancer speaks HTTPS.'

function certificateVerdict({ address, certificate: { nodeTls, present, issue }, notes }: SetUpFacts): Verdict {
  const url = address.own || address.central
  const shown = address.look?.reached === 'this cluster' ? address.look.shown : undefined
  const findings = shownFindings(shown)
  const judged = (state: SetUpState, sentence: string, remedy = '') => ({ ...told(state, sentence, remedy), findings })
  if (url.startsWith('http:'))
    return judged(
      'open',
      `People come by ${url}: what they write travels readable.`,
      'Set a public address that begins with https:, then bring a certificate.',
    )
  if (!nodeTls) return behindBalancer(url, shown, notes.balancer, judged)
  if (notes.balancer && shown?.trusted) return judged('done', `A balancer shows ${shown.names.join(', ')} at ${url}.`)
  if (issue && issue.state !== 'issued')
    return judged(
      issue.state === 'failed' ? 'failed' : 'open',
      issue.sentence,
      issue.state === 'failed'
        ? 'The authority must reach this cluster by plain HTTP on port 80 (`redirectPort`). It is tried again by itself.'
        : 'Wait a minute and look again.',
    )
  if (!present || present.source === 'self-signed')
    return judged('open', 'The nodes show a certificate that signed itself: browsers warn of it.', BRING)
  const { names, daysLeft, faults, fingerprint } = present
  if (faults.length > 0) return judged('failed', faults.join(' '), BRING)
  if (shown && shown.fingerprint !== fingerprint && !shown.trusted)
    return judged(
      'failed',
      `Another certificate than that of the cluster is shown at ${url}: ${shown.reason}.`,
      'Give the balancer the certificate of the cluster (`holdfast cert export`), or one that browsers believe.',
    )
  return judged(
    'done',
    `The certificate for ${names.join(', ')} is good for ${daysLeft} days${shown ? ` and shown at ${url}` : ''}.`,
  )
}

function behindBalancer(
  url: string,
  shown: ShownThere | undefined,
  balancer: boolean,
  judged: (state: SetUpState, sentence: string, remedy?: string) => Verdict,
): Verdict {
  const plain = 'The nodes speak plain HTTP (loopback, or --allow-plain-http).'
  if (shown?.trusted) return judged('done', `What stands before the nodes shows ${shown.names.join(', ')} at ${url}.`)
  if (shown)
    return judged(
      'failed',
      `What is shown at ${url} is not believed: ${shown.reason}.`,
      'Give the balancer a certificate that browsers believe.',
    )
  if (balancer)
    return judged(
      'failed',
      `${plain} A balancer is said to speak HTTPS, and none could be seen at ${url || 'a public address'}.`,
      'Set the public address of the balancer, and check that it answers there.',
    )
  return judged('open', plain, 'Let the nodes speak HTTPS (--tls on), or say that a balancer does.')
}

function shownFindings(shown: ShownThere | undefined): readonly SetUpFinding[] {
  if (!shown) return []
  return [
    { name: 'shown for', found: shown.names.join(', '), ok: true },
    { name: 'believed', found: shown.trusted ? 'yes' : shown.reason, ok: shown.trusted },
  ]
}

function mailVerdict({ mail: { server, from }, notes: { tested } }: SetUpFacts): Verdict {
  if (server === '' || from === '')
    return told('open', 'No mail server is set.', 'Give server and sender; a test mail shows whether they work.')
  if (!tested || tested.server !== server || tested.from !== from)
    return told(
      'open',
      `${hostOf(server)} is set, and no test mail has shown yet that it takes mail of ${from}.`,
      'Send a test mail.',
    )
  return told('done', `${hostOf(server)} took a test mail of ${from} for ${tested.to}.`)
}

function accountVerdict({ administrators }: SetUpFacts): Verdict {
  if (administrators === 0)
    return told('open', 'Nobody has an account.', 'Make the first one: it may change everything and make others.')
  return told(
    'done',
    administrators === 1 ? 'There is an administrator.' : `There are ${administrators} administrators.`,
  )
}

function joinVerdict({ nodes }: SetUpFacts): Verdict {
  if (nodes > 1) return told('done', `${nodes} nodes are in the cluster: any of them may die.`)
  return told(
    'open',
    'This is the only node.',
    'Make a join token on a server that is in, and start the next one with it.',
  )
}

/** Whether a certificate is asked for already as somebody asks for one; what he does not say may stay as it is. */
export function isWished(
  asked: Pick<CertificateIssueBody, 'names' | 'email' | 'directory'>,
  { names, email, directory }: Pick<CertificateIssueRow, 'names' | 'email' | 'directory'>,
): boolean {
  const told = { names, email, directory, ...asked }
  return told.names.join() === names.join() && told.email === email && told.directory === directory
}

/** How a step stands after an attempt that failed: what it said, and nothing was stored. */
export function failedStep(id: SetUpStepId, sentence: string, remedy: string): SetUpStepRow {
  return { id, ...told('failed', sentence, remedy), findings: [] }
}

function told(state: SetUpState, sentence: string, remedy = ''): Omit<SetUpStepRow, 'id' | 'findings'> {
  return { state, sentence, remedy }
}

/** `chat.example.com:8400` of an address, whoever stands before it. */
function hostOf(address: string): string {
  return /^[a-z]+:\/\/(?:[^@/]*@)?([^/]+)/.exec(address)?.[1] ?? address
}
