import type { Clock } from '../base/clock.ts'
import type { NodeName } from '../base/ids.ts'
import { type CertificateFacts, decideExpiry, type Expiry } from '../config/certificate-decision.ts'
import type { AlarmCode } from '../ops/alarm-catalogue.ts'
import type { Sight } from '../ops/alarm-decision.ts'
import type { Observer } from '../ops/alarm-watch.ts'
import type { AlarmEpisode } from '../store/alarm-store.ts'
import { stateOf } from './cluster-view.ts'
import type { NodeFacade } from './node-facade.ts'

/** A certificate that a node uses: shown to people, shown to other nodes, or by which it knows other nodes. */
interface UsedCertificate extends Pick<CertificateFacts, 'subject' | 'beginsAtMs' | 'endsAtMs'> {
  readonly use: 'public' | 'node' | 'authority'
}

/** The question by which nodes ask each other for them. */
export const CERTIFICATES_QUESTION = 'certificates'

const PATIENCE_MS = 1000
const USES: readonly UsedCertificate['use'][] = ['public', 'node', 'authority']
// One for each step of `decideExpiry`, which are as many as there are days in the settings.
const STEPS: readonly AlarmCode[] = ['certificate-expires', 'certificate-expires-soon', 'certificate-nearly-expired']
const CODES: readonly AlarmCode[] = [...STEPS, 'certificate-expired']

/** What this node answers: what it really shows and believes, not what is stored. */
export function certificatesInUse(found: {
  readonly public: CertificateFacts | undefined
  readonly node: CertificateFacts
  readonly authority: CertificateFacts
}): readonly UsedCertificate[] {
  return USES.flatMap((use) => {
    const facts = found[use]
    return facts ? [{ use, subject: facts.subject, beginsAtMs: facts.beginsAtMs, endsAtMs: facts.endsAtMs }] : []
  })
}

/**
 * Asks every node for the certificates that it uses, so that each of them says the same and an end is told once. Of the
 * same use the one that ends first counts; nothing is said to be well before all have answered.
 */
export function certificateEnds(
  clock: Clock,
  node: Pick<NodeFacade, 'members' | 'inspect'>,
  days: () => readonly number[],
): Observer {
  return async (open) => {
    const living = node.members().filter((member) => stateOf(member) === 'live')
    const answers = living.map(async ({ node: name }) => {
      const answer = await node.inspect(name, CERTIFICATES_QUESTION, {}, PATIENCE_MS).catch(() => undefined)
      return { name, used: usedIn(answer) }
    })
    const told = await Promise.all(answers)
    const judge = (used: UsedCertificate) => decideExpiry(used, clock.wallMs(), days())
    const whole = told.every(({ used }) => used !== undefined)
    const found = told.flatMap(({ name, used = [] }) => used.map((each) => ({ name, ...each })))
    const subjects = Map.groupBy(found, ({ use, name }) => (use === 'node' ? subjectOf(name) : use))
    const sights = [...subjects].flatMap(([subject, group]) => {
      const first = group.reduce((one, other) => (other.endsAtMs < one.endsAtMs ? other : one))
      const names = group.filter(({ endsAtMs }) => endsAtMs === first.endsAtMs).map(({ name }) => name)
      const expiry = judge(first)
      const certain = first.use === 'node' || whole
      return certain || expiry.step > 0 ? steps(subject, expiry, sentenceOf(first, names, expiry), open) : []
    })
    // Of a node that is not there any more, or of what nobody uses any more, it is over.
    const gone = open.filter(({ code, subject }) => isStep(code) && !subjects.has(subject))
    const over = gone.filter(({ subject }) => whole || !living.some((member) => subjectOf(member.node) === subject))
    return [...sights, ...over.map(({ code, subject }) => sight(code, subject))]
  }
}

/** The step that is reached, those before it that are open still, and none of those after it. */
function steps(subject: string, { step }: Expiry, sentence: string, open: readonly AlarmEpisode[]): readonly Sight[] {
  return CODES.flatMap((code, index) => {
    if (index >= step) return [sight(code, subject)]
    const told = open.some((episode) => episode.code === code && episode.subject === subject)
    // Who begins to watch late is told of the last step alone.
    return index === step - 1 || told ? [sight(code, subject, sentence)] : []
  })
}

function sentenceOf({ use, subject }: UsedCertificate, names: readonly string[], { sentence }: Expiry): string {
  const who = names.toSorted().join(', ')
  if (use === 'public') return `${subject}, shown to people by ${who}: ${sentence}`
  if (use === 'authority') return `${subject}, by which nodes know each other: ${sentence}`
  return `${who} shows it to other nodes, and did not renew it: ${sentence}`
}

/** A node may be called `public`. */
function subjectOf(node: NodeName): string {
  return `node/${node}`
}

function isStep(code: string): boolean {
  return CODES.some((step) => step === code)
}

function sight(code: string, subject: string, sentence = ''): Sight {
  return { code, subject, present: sentence !== '', sentence, affected: 0 }
}

/** `undefined`: the node did not answer, or is of a version that does not know the question. */
function usedIn(answer: unknown): readonly UsedCertificate[] | undefined {
  if (!Array.isArray(answer)) return undefined
  return answer.flatMap((each: unknown) => {
    const { use, subject, beginsAtMs, endsAtMs } = (each ?? {}) as Record<string, unknown>
    const known = USES.find((one) => one === use)
    if (!known || typeof subject !== 'string') return []
    if (typeof beginsAtMs !== 'number' || typeof endsAtMs !== 'number') return []
    return [{ use: known, subject, beginsAtMs, endsAtMs }]
  })
}
