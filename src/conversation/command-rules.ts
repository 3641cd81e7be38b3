import { type Refusal, refuse } from '../base/refusals.ts'
import type { Command, CommandType, Sender } from './command.ts'
import { type CloseReason, type NewEvent, SYSTEM } from './event.ts'
import { FORMAT_OF_CONTACT } from './event-json.ts'
import { type ConversationState, IDLE_DEFAULTS, isStaff, type Phase, presentParticipant } from './state.ts'
import { nextTimer } from './timers.ts'

/** What a rule may look at. */
export interface Situation {
  readonly state: ConversationState
  readonly sender: Sender
  /** Present time by the store's clock, milliseconds since 1970. */
  readonly at: number
  /** Whether notices of a name are kept in the log (`transcript.saveNotices`). */
  readonly keepsNotice: (name: string) => boolean
  /** Types of later formats are not written. */
  readonly format: number
}

/** Events without key, digest and origin; `decide` puts these on the first one. */
export interface Verdict {
  readonly kind: 'accepted'
  readonly events: readonly [NewEvent, ...NewEvent[]]
  readonly reason: string
}

type CommandOf<Type extends CommandType> = Extract<Command, { readonly type: Type }>
type Rule<Type extends CommandType> = (situation: Situation, command: CommandOf<Type>) => Verdict | Refusal

/** People and bots that ever joined one conversation. */
const PARTICIPANTS_MAX = 200

const unknown = () => refuse('unknown-conversation')
const over = () => refuse('conversation-closed')

/** What each command comes to in each phase. Total: a new command or phase does not compile before it is here. */
const RULES: { readonly [Type in CommandType]: Readonly<Record<Phase, Rule<Type>>> } = {
  open: { absent: open, open: enter, closed: over },
  join: { absent: unknown, open: enter, closed: over },
  leave: { absent: unknown, open: leave, closed: over },
  message: { absent: unknown, open: say, closed: over },
  note: { absent: unknown, open: note, closed: over },
  whisper: { absent: unknown, open: whisper, closed: over },
  notice: { absent: unknown, open: notice, closed: over },
  transfer: { absent: unknown, open: transfer, closed: over },
  rate: { absent: unknown, open: rate, closed: rate },
  close: { absent: unknown, open: close, closed: over },
  timer: { absent: unknown, open: timer, closed: () => refuse('superseded') },
}

/** Applies the rule for a command in the present phase. Key, order and texts have been judged before. */
export function applyRule(situation: Situation, command: Command): Verdict | Refusal {
  // The table pairs each type with the rule for it; the compiler cannot follow that through a lookup.
  const rule = RULES[command.type][situation.state.phase] as Rule<CommandType>
  return rule(situation, command)
}

function accept(reason: string, ...events: [NewEvent, ...NewEvent[]]): Verdict {
  return { kind: 'accepted', events, reason }
}

function isSystem(sender: Sender): boolean {
  return sender.id === SYSTEM
}

function open(situation: Situation, command: CommandOf<'open'>): Verdict {
  const { sender } = situation
  const { mode, idle = IDLE_DEFAULTS[mode], subject } = command
  return accept(
    `${sender.role} ${sender.id} opened the conversation`,
    {
      type: 'opened',
      from: sender.id,
      audience: 'everyone',
      body: { mode, idle, ...(subject !== undefined && { subject }) },
    },
    joining(sender),
    ...contacts(situation, command),
  )
}

/** Joining; also what `open` comes to for a visitor whose conversation somebody else opened. */
function enter(situation: Situation, command: CommandOf<'open' | 'join'>): Verdict | Refusal {
  const { state, sender } = situation
  if (presentParticipant(state, sender.id)) return refuse('already-joined')
  if (!state.participants.has(sender.id) && state.participants.size >= PARTICIPANTS_MAX)
    return refuse('busy', { detail: 'As many participants as a conversation may have were here already.' })
  return accept(`${sender.role} ${sender.id} joined`, joining(sender), ...contacts(situation, command))
}

/** The address that a visitor leaves, in an event of its own: what all see must not hold it. */
function contacts({ state, sender, format }: Situation, command: CommandOf<'open' | 'join'>): readonly NewEvent[] {
  const email = command.type === 'open' ? command.email : undefined
  if (email === undefined || isStaff(sender.role) || format < FORMAT_OF_CONTACT) return []
  if (state.participants.get(sender.id)?.email === email) return []
  return [{ type: 'contact', from: sender.id, audience: 'staff', body: { email } }]
}

function leave({ state, sender }: Situation, { reason }: CommandOf<'leave'>): Verdict | Refusal {
  if (!presentParticipant(state, sender.id)) return refuse('not-joined')
  return accept(`${sender.role} ${sender.id} left`, leaving(sender.id, reason))
}

function say({ state, sender }: Situation, { format, text }: CommandOf<'message'>): Verdict | Refusal {
  if (!presentParticipant(state, sender.id)) return refuse('not-joined')
  return accept(`${sender.role} ${sender.id} wrote`, {
    type: 'message',
    from: sender.id,
    audience: 'everyone',
    body: { format, text },
  })
}

/** Staff may note and whisper without joining: who looks on need not be seen. */
function note({ sender }: Situation, { text }: CommandOf<'note'>): Verdict | Refusal {
  if (!isStaff(sender.role)) return refuse('not-allowed')
  return accept(`${sender.role} ${sender.id} made a note`, {
    type: 'note',
    from: sender.id,
    audience: 'staff',
    body: { text },
  })
}

function whisper({ state, sender }: Situation, { to, text }: CommandOf<'whisper'>): Verdict | Refusal {
  if (!isStaff(sender.role)) return refuse('not-allowed')
  const addressee = presentParticipant(state, to)
  if (!addressee) return refuse('not-joined', { detail: 'The addressee is not in the conversation.' })
  if (!isStaff(addressee.role)) return refuse('not-allowed', { detail: 'A visitor sees no whispers.' })
  return accept(`${sender.role} ${sender.id} whispered to ${to}`, {
    type: 'whisper',
    from: sender.id,
    audience: 'staff',
    body: { to, text },
  })
}

function notice({ state, sender, keepsNotice }: Situation, command: CommandOf<'notice'>): Verdict | Refusal {
  if (!presentParticipant(state, sender.id)) return refuse('not-joined')
  const { notice: name, url, data } = command
  // A pushed address opens on the other side: staff may do that to a visitor, a visitor to nobody.
  if (url !== undefined && !isStaff(sender.role)) return refuse('not-allowed')
  if (!keepsNotice(name)) return refuse('passed-on')
  return accept(`${sender.role} ${sender.id} gave notice ${name}`, {
    type: 'notice',
    from: sender.id,
    audience: 'everyone',
    body: { notice: name, ...(url !== undefined && { url }), ...(data !== undefined && { data }) },
  })
}

/** An agent gives away its own place, a bot or supervisor the present agent's, or their own where there is none. */
function transfer({ state, sender }: Situation, { to, name }: CommandOf<'transfer'>): Verdict | Refusal {
  if (!isStaff(sender.role)) return refuse('not-allowed')
  if (!presentParticipant(state, sender.id)) return refuse('not-joined')
  const from = sender.role === 'agent' ? sender.id : (state.agent ?? sender.id)
  if (to === from) return refuse('already-joined')
  const successor = presentParticipant(state, to)
  if (to === SYSTEM || (state.participants.get(to) && !isStaff(state.participants.get(to)?.role ?? 'visitor')))
    return refuse('not-allowed', { detail: 'A conversation is transferred to an agent.' })
  if (!state.participants.has(to) && state.participants.size >= PARTICIPANTS_MAX) return refuse('busy')
  return accept(
    `${sender.role} ${sender.id} transferred the conversation from ${from} to ${to}`,
    { type: 'transferred', from: sender.id, audience: 'everyone', body: { from, to, name } },
    leaving(from, 'transferred'),
    ...(successor ? [] : [joining({ id: to, role: 'agent', name })]),
  )
}

/** Once, by somebody who was there as a visitor; the card comes at the end, so `closed` does not hinder it. */
function rate({ state, sender }: Situation, { score, comment }: CommandOf<'rate'>): Verdict | Refusal {
  if (isStaff(sender.role)) return refuse('not-allowed')
  if (!state.participants.has(sender.id)) return refuse('not-joined')
  if (state.ratedSeq !== undefined)
    return state.phase === 'closed' ? over() : refuse('not-allowed', { detail: 'It was rated already.' })
  return accept(`${sender.role} ${sender.id} rated the conversation`, {
    type: 'rated',
    from: sender.id,
    audience: 'everyone',
    body: { score, ...(comment !== undefined && { comment }) },
  })
}

/** Who may give which reason for closing. `idle` is for timers alone. */
const MAY_CLOSE: Readonly<Record<CloseReason, (sender: Sender) => boolean>> = {
  'by-visitor': (sender) => !isStaff(sender.role),
  'by-agent': (sender) => isStaff(sender.role),
  'by-operator': (sender) => sender.role === 'supervisor',
  idle: () => false,
  'store-failure': isSystem,
}

function close({ state, sender }: Situation, { reason }: CommandOf<'close'>): Verdict | Refusal {
  if (!MAY_CLOSE[reason](sender)) return refuse('not-allowed')
  const fromOutside = reason === 'by-operator' || isSystem(sender)
  if (!fromOutside && !presentParticipant(state, sender.id)) return refuse('not-joined')
  return accept(`${sender.role} ${sender.id} closed the conversation ${reason}`, closing(sender.id, reason))
}

/** A timer has its effect only while it is the one that the conversation waits for. */
function timer({ state, sender, at }: Situation, { kind, armedSeq }: CommandOf<'timer'>): Verdict | Refusal {
  if (!isSystem(sender)) return refuse('not-allowed')
  const armed = nextTimer(state)
  if (armed?.kind !== kind || armed.armedSeq !== armedSeq) return refuse('superseded')
  if (at < armed.dueAt) return refuse('busy', { retryAfterMs: armed.dueAt - at, detail: 'The timer is not due yet.' })
  const { step, armedAt } = state.idleness
  const silence = `${step === 0 ? 'nobody wrote' : 'nobody answered the alert'} for ${at - armedAt} ms`
  if (kind === 'idle-close') return accept(`closed, because ${silence}`, closing(sender.id, 'idle'))
  return accept(`gave an idle alert, because ${silence}`, {
    type: 'idle-alert',
    from: sender.id,
    audience: 'everyone',
    body: { step: kind === 'idle-alert' ? 1 : 2 },
  })
}

function joining({ id, role, name }: Sender): NewEvent {
  return { type: 'joined', from: id, audience: 'everyone', body: { role, name } }
}

function leaving(id: string, reason?: string): NewEvent {
  return { type: 'left', from: id, audience: 'everyone', body: { ...(reason !== undefined && { reason }) } }
}

function closing(id: string, reason: CloseReason): NewEvent {
  return { type: 'closed', from: id, audience: 'everyone', body: { reason } }
}
