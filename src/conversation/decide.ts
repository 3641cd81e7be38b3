import type { Seq } from '../base/ids.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import type { Sender, Submission } from './command.ts'
import { commandDigest } from './command-digest.ts'
import { applyRule } from './command-rules.ts'
import { commandTextFault } from './command-texts.ts'
import { type NewEvent, SYSTEM } from './event.ts'
import { EVENT_FORMAT } from './event-json.ts'
import { lastNumberOf } from './recent-instances.ts'
import { findRecentKey, type KeyUse } from './recent-keys.ts'
import { type ConversationState, isStaff } from './state.ts'
import { isName, LABEL_LENGTH_MAX, textFault } from './text-rule.ts'

/** What a decision needs to know of the world. */
export interface DecisionContext {
  /** Now by the store's clock, milliseconds since 1970. */
  readonly at: number
  readonly textLengthMax: number
  /** Whether notices of a name are kept in the log; absent: all are. The others are passed on and forgotten. */
  readonly keepsNotice?: (name: string) => boolean
  /** The event format that every member of the cluster reads; absent: that of this program. */
  readonly format?: number
  /** Why new commands are refused for want of room (rate, capacity, drain); a retry of an old one is answered still. */
  readonly admission?: Refusal
  /** What `LogStore.findKey` said after `look-up-key`; `null`: the key is not in the log. */
  readonly lookedUp?: KeyUse | null
}

export type Decision =
  /**
   * Append all of `events` in one slice. The first one carries key, digest and origin of the command; its seq is the
   * one to acknowledge. Acknowledge and publish only once the slice is durable.
   */
  | { readonly kind: 'accepted'; readonly events: readonly [NewEvent, ...NewEvent[]]; readonly reason: string }
  /** The command is in the log at `seq`: acknowledge that. */
  | { readonly kind: 'duplicate'; readonly seq: Seq }
  /** Memory cannot tell whether this is a retry: ask `LogStore.findKey`, then decide again with `lookedUp`. */
  | { readonly kind: 'look-up-key' }
  | Refusal

/**
 * What becomes of a submission. The order of the checks is the point: the key comes first, so that a retry gets its
 * seq whatever happened since, then the sender's order, then room, texts, and only then the state.
 */
export function decide(state: ConversationState, submission: Submission, context: DecisionContext): Decision {
  const fault = envelopeFault(submission)
  if (fault) return fault
  const digest = commandDigest(submission.command)
  const seen = findUse(state, submission, context)
  if (seen === 'unsure') return { kind: 'look-up-key' }
  if (seen !== 'absent') return seen.digest === digest ? { kind: 'duplicate', seq: seen.seq } : refuse('key-reused')
  const outOfTurn = orderFault(state, submission)
  if (outOfTurn) return outOfTurn
  if (context.admission) return context.admission
  const { sender, command } = submission
  if (changesSides(state, sender)) return refuse('not-allowed', { detail: 'Somebody else has this id here.' })
  const badText = commandTextFault(command, context.textLengthMax)
  if (badText) return refuse(badText)
  const { at, keepsNotice = () => true, format = EVENT_FORMAT } = context
  const verdict = applyRule({ state, sender, at, keepsNotice, format }, command)
  if (verdict.kind === 'refused') return verdict
  return { ...verdict, events: stamp(verdict.events, submission, digest) }
}

/** Faults that make a key meaningless. Nobody may pose as Holdfast itself. */
function envelopeFault({ sender, key, origin }: Submission): Refusal | undefined {
  if (!isName(key) || !isName(sender.id)) return refuse('malformed')
  if (origin && !(isName(origin.instance) && isNumber(origin.n) && isNumber(origin.floor))) return refuse('malformed')
  const badName = textFault(sender.name, LABEL_LENGTH_MAX)
  if (badName) return refuse(badName)
  if (sender.id === SYSTEM && (sender.role !== 'supervisor' || origin)) return refuse('not-allowed')
  return undefined
}

/** A visitor under the id of a member of staff, or the other way round: two people, one of whom would pass as the other. */
function changesSides(state: ConversationState, sender: Sender): boolean {
  const known = state.participants.get(sender.id)
  return known !== undefined && isStaff(known.role) !== isStaff(sender.role)
}

const isNumber = (n: number) => Number.isSafeInteger(n) && n >= 1

function findUse(
  state: ConversationState,
  submission: Submission,
  context: DecisionContext,
): KeyUse | 'absent' | 'unsure' {
  const use = findRecentKey(state.keys, submission.sender.id, submission.key)
  if (use) return use
  if (context.lookedUp !== undefined) return context.lookedUp ?? 'absent'
  return state.keys.complete || isSurelyNew(state, submission) ? 'absent' : 'unsure'
}

/** A number above all that were taken from its instance cannot be a retry; neither can anything unnumbered be told. */
function isSurelyNew(state: ConversationState, { sender, origin }: Submission): boolean {
  if (!origin) return false
  const last = lastNumberOf(state.instances, sender.id, origin.instance)
  if (last === undefined) return state.instances.complete
  return origin.n > last
}

/**
 * Takes only the next number of an instance, so that a late m1 cannot land behind m2. An instance that fell out of
 * memory, 64 page loads ago, goes on where its floor says.
 */
function orderFault(state: ConversationState, { sender, origin }: Submission): Refusal | undefined {
  if (!origin) return undefined
  const last = lastNumberOf(state.instances, sender.id, origin.instance) ?? 0
  const expected = Math.max(last + 1, origin.floor)
  if (origin.n > expected) return refuse('out-of-order')
  if (origin.n < expected) return refuse('superseded')
  return undefined
}

function stamp(
  [first, ...others]: readonly [NewEvent, ...NewEvent[]],
  { key, origin }: Submission,
  digest: string,
): readonly [NewEvent, ...NewEvent[]] {
  const from = origin && { origin: { instance: origin.instance, n: origin.n } }
  return [{ ...first, key, digest, ...from }, ...others]
}
